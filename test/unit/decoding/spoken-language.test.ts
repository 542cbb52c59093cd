import { expect, test } from 'vitest';
import { SpokenLanguage } from '../../../src/decoding/spoken-language.js';

test('a sure detection settles the language at once, an unsure one is asked again', () => {
  const language = new SpokenLanguage('auto');
  language.detected('nn', 0.4);
  expect(language.current).toBe('auto');
  language.detected('en', 0.95);
  expect(language.current).toBe('en');
});

test('several unsure detections settle the most probable language', () => {
  const language = new SpokenLanguage('auto');
  language.detected('en', 0.5);
  language.detected('de', 0.6);
  language.detected('en', 0.4);
  expect(language.current).toBe('en');
});

test('finals that the model doubts in a row bring detection back', () => {
  const language = new SpokenLanguage('auto');
  language.detected('en', 0.9);
  language.judged(-1.1);
  language.judged(-0.2);
  language.judged(-1.1);
  expect(language.current).toBe('en');
  language.judged(-1.2);
  expect(language.current).toBe('auto');
});

test('a language that was asked for is never questioned, and can be changed', () => {
  const language = new SpokenLanguage('zh');
  language.judged(-2);
  language.judged(-2);
  expect(language.current).toBe('zh');
  language.ask('auto');
  expect(language.current).toBe('auto');
});
