import { expect, test } from 'vitest';
import {
  formatTranscript,
  languageName,
  type Transcript,
  toVerbose,
  transcriptFormats,
  transcriptText,
} from '../../../../src/transcript/index.js';
import { transcriptOf, wordsOf } from './transcript-of.js';

const words = [...wordsOf('Good morning.'), ...wordsOf('How\tare\nyou?', 2_000)];
const transcript = transcriptOf(words);

/** Two channels that speak at the same time. */
const channels: Transcript = {
  ...transcript,
  segments: [
    ...transcriptOf(wordsOf('Hello.'), 0).segments,
    ...transcriptOf(wordsOf('Hi!', 100), 1).segments,
  ],
};

function format(it: Transcript, name: string, withWords = false): string {
  return formatTranscript(it, name as never, { words: withWords });
}

test('every format ends with a line and holds all that was said', () => {
  for (const name of transcriptFormats) {
    const text = format(transcript, name);
    expect(text.endsWith('\n'), name).toBe(true);
    for (const word of ['Good', 'morning.', 'How', 'you?']) expect(text, name).toContain(word);
  }
});

test('txt is a sentence a line', () => {
  expect(format(transcript, 'txt')).toBe('Good morning.\nHow are you?\n');
  expect(format(channels, 'txt')).toBe('[Channel 1] Hello.\n[Channel 2] Hi!\n');
});

test('tsv has whole milliseconds, and no field holds a tab or a line break', () => {
  expect(format(transcript, 'tsv')).toBe(
    'start\tend\ttext\n0\t600\tGood morning.\n2000\t2300\tHow are you?\n',
  );
  expect(format(channels, 'tsv')).toBe(
    'start\tend\ttext\tchannel\n0\t300\tHello.\t1\n100\t400\tHi!\t2\n',
  );
});

test('json is the verbose_json of the OpenAI API, with words where they were asked for', () => {
  const verbose = JSON.parse(format(transcript, 'json', true));
  expect(verbose).toMatchObject({
    task: 'transcribe',
    language: 'english',
    duration: 2.8,
    text: 'Good morning. How\tare\nyou?',
    segments: [
      { id: 0, seek: 0, start: 0, end: 0.6, text: 'Good morning.', tokens: [], temperature: 0 },
      { id: 1, seek: 200, start: 2, end: 2.3 },
    ],
    words: [{ word: 'Good', start: 0, end: 0.3 }, {}, { start: 2 }],
  });
  for (const { avg_logprob, compression_ratio, no_speech_prob } of verbose.segments) {
    expect([avg_logprob, compression_ratio, no_speech_prob].every(Number.isFinite)).toBe(true);
  }
  expect(JSON.parse(format(transcript, 'json'))).not.toHaveProperty('words');
});

test('channels are counted from 1', () => {
  const { segments, words: listed } = toVerbose(channels, true);
  expect(segments.map(({ channel }) => channel)).toEqual([1, 2]);
  expect(listed?.map(({ channel }) => channel)).toEqual([1, 2]);
});

test('a transcript of nothing is one', () => {
  const nothing: Transcript = { task: 'transcribe', language: null, durationMs: 0, segments: [] };
  expect(transcriptText(nothing)).toBe('');
  expect(toVerbose(nothing, true)).toMatchObject({ language: '', text: '', words: [] });
});

test('languages are named as Whisper names them', () => {
  const codes = ['en', 'zh', 'yue', 'my', 'nn', 'tl', 'jw', 'haw', 'ht', 'mi', 'bn', 'xx'];
  expect(codes.map(languageName)).toEqual([
    'english',
    'chinese',
    'cantonese',
    'myanmar',
    'nynorsk',
    'tagalog',
    'javanese',
    'hawaiian',
    'haitian creole',
    'maori',
    'bengali',
    'xx',
  ]);
});
