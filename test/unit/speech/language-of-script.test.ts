import { expect, it } from 'vitest';
import { languageOfScript } from '../../../src/speech/language-of-script.js';

it.each([
  ['Hello', null],
  ['Grüß Gott', null],
  ['12:30', null],
  ['你好，世界', 'cmn'],
  ['今日はいい天気です', 'ja'],
  ['안녕하세요', 'ko'],
  ['Привет, мир', 'ru'],
  ['Καλημέρα', 'el'],
  ['नमस्ते', 'hi'],
  ['我用 GPT 写代码', 'cmn'],
  ['The word Привет means hello', null],
])('%j is read as %s', (text, language) => {
  expect(languageOfScript(text)).toBe(language);
});
