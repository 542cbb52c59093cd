import { describe, expect, test } from 'vitest';
import type { FileTranscript } from '../../../clients/js/src/index.js';
import { findMatches } from '../../../clients/web/src/transcript/find-matches.js';
import { retimed } from '../../../clients/web/src/transcript/retime.js';
import {
  type Sentence,
  sentenceAt,
  sentencesOf,
  wordAt,
} from '../../../clients/web/src/transcript/sentences.js';
import { writeEdited } from '../../../clients/web/src/transcript/write-edited.js';

const transcript: FileTranscript = {
  text: 'And so, my friends. Ask not!',
  language: 'english',
  duration: 5,
  segments: [
    { start: 0, end: 2, text: 'And so, my friends.' },
    { start: 2, end: 4, text: 'Ask not!' },
  ],
  words: [
    { word: 'And', start: 0, end: 0.4 },
    { word: 'so,', start: 0.4, end: 0.8 },
    { word: 'my', start: 1, end: 1.2 },
    { word: 'friends.', start: 1.2, end: 2 },
    { word: 'Ask', start: 2, end: 2.6 },
    { word: 'not!', start: 2.6, end: 4 },
  ],
};

/** The words of a sentence with their times. */
function timesOf({ text, words }: Sentence): [string, number, number][] {
  return words.map(({ at, end, startMs, endMs }) => [text.slice(at, end), startMs, endMs]);
}

describe('sentencesOf', () => {
  test('finds every word in its sentence', () => {
    const [first, second] = sentencesOf(transcript);
    expect(first && timesOf(first)).toEqual([
      ['And', 0, 400],
      ['so,', 400, 800],
      ['my', 1_000, 1_200],
      ['friends.', 1_200, 2_000],
    ]);
    expect(second && timesOf(second)).toEqual([
      ['Ask', 2_000, 2_600],
      ['not!', 2_600, 4_000],
    ]);
  });

  test('words that the text does not have are left out, and change no others', () => {
    const [segment, next] = transcript.segments as [never, never];
    const [first, second] = sentencesOf({
      ...transcript,
      segments: [{ ...(segment as object), text: 'And so, friends.' } as never, next],
    });
    expect(first && timesOf(first).map(([word]) => word)).toEqual(['And', 'so,', 'friends.']);
    expect(second?.words).toHaveLength(2);
  });

  test('channels that speak at the same time keep their words apart', () => {
    const of = (channel: number, word: string) => ({ channel, start: 0, end: 1, text: word, word });
    const pair = [of(1, 'left'), of(2, 'right')];
    const sentences = sentencesOf({ ...transcript, segments: pair, words: pair });
    expect(sentences.map(timesOf)).toEqual([[['left', 0, 1_000]], [['right', 0, 1_000]]]);
  });

  test('what is said at a time', () => {
    const sentences = sentencesOf(transcript);
    expect([0, 1_990, 2_000, 9_000].map((ms) => sentenceAt(sentences, ms))).toEqual([0, 0, 1, 1]);
    expect([0, 900, 1_000].map((ms) => wordAt(sentences[0] as Sentence, ms))).toEqual([0, 1, 2]);
  });
});

describe('retimed', () => {
  const [sentence] = sentencesOf(transcript) as [Sentence];

  test('words that stay keep their times; new ones share what is between them', () => {
    expect(timesOf(retimed(sentence, 'And so my dear old friends'))).toEqual([
      ['And', 0, 400],
      ['so', 400, 800],
      ['my', 1_000, 1_200],
      ['dear', 1_200, 1_200],
      ['old', 1_200, 1_200],
      ['friends', 1_200, 2_000],
    ]);
    expect(timesOf(retimed(sentence, 'And thus, my friends.')).slice(0, 3)).toEqual([
      ['And', 0, 400],
      ['thus,', 400, 1_000],
      ['my', 1_000, 1_200],
    ]);
  });

  test('a text of its own is spread over the sentence, and none has no words', () => {
    expect(timesOf(retimed(sentence, 'ab cd'))).toEqual([
      ['ab', 0, 1_000],
      ['cd', 1_000, 2_000],
    ]);
    expect(retimed(sentence, '').words).toEqual([]);
  });

  test('Chinese is compared character by character', () => {
    const words = [
      { at: 0, end: 2, startMs: 0, endMs: 1_000 },
      { at: 2, end: 4, startMs: 1_000, endMs: 2_000 },
    ];
    const chinese = { startMs: 0, endMs: 2_000, text: '你好世界', words, channel: null };
    expect(timesOf(retimed(chinese, '你好，世间'))).toEqual([
      ['你', 0, 500],
      ['好', 500, 1_000],
      ['，', 1_000, 1_000],
      ['世', 1_000, 1_500],
      ['间', 1_500, 2_000],
    ]);
  });
});

describe('what was edited is written as it was edited', () => {
  const edits = new Map([
    [0, 'And so, my fellow friends.'],
    [1, ''],
  ]);

  test.each([
    ['txt', 'And so, my fellow friends.\n'],
    ['tsv', 'start\tend\ttext\n0\t2000\tAnd so, my fellow friends.\n'],
    ['srt', '1\n00:00:00,000 --> 00:00:02,000\nAnd so, my fellow friends.\n\n'],
    ['vtt', 'WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nAnd so, my fellow friends.\n\n'],
  ] as const)('%s', (format, text) => {
    expect(writeEdited(transcript, edits, format)).toBe(text);
  });

  test('json has the shape of the gateway', () => {
    expect(JSON.parse(writeEdited(transcript, edits, 'json'))).toMatchObject({
      text: 'And so, my fellow friends.',
      duration: 5,
      segments: [{ start: 0, end: 2, text: 'And so, my fellow friends.' }],
      words: [{ word: 'And' }, { word: 'so,' }, { word: 'my' }, { word: 'fellow' }, {}],
    });
  });
});

test('a search knows no case, and any space', () => {
  const texts = ['Ask not.  What', 'can (you) ask?'];
  expect(findMatches(texts, ' ASK ')).toEqual([
    { sentence: 0, at: 0, end: 3 },
    { sentence: 1, at: 10, end: 13 },
  ]);
  expect(findMatches(texts, 'not. what')).toEqual([{ sentence: 0, at: 4, end: 14 }]);
  expect(findMatches(texts, '(you)')).toHaveLength(1);
  expect(findMatches(texts, ' ')).toEqual([]);
});
