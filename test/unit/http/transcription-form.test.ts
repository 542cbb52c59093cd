import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../../src/errors/index.js';
import {
  parseTranscriptionForm,
  parseTranslationForm,
} from '../../../src/http/transcriptions/transcription-form.js';

type Fields = Record<string, string | string[]>;

function form(fields: Fields): Map<string, string[]> {
  const all = { model: 'whisper-1', ...fields };
  return new Map(Object.entries(all).map(([name, value]) => [name, [value].flat()]));
}

function refusal(fields: Fields): unknown {
  try {
    return parseTranscriptionForm(form(fields));
  } catch (error) {
    return error;
  }
}

test('leaves out what clients leave out', () => {
  expect(parseTranscriptionForm(form({}))).toEqual({
    model: 'whisper-1',
    language: 'auto',
    prompt: '',
    response_format: 'json',
    stream: false,
    channels: 'mixed',
    timestamp_granularities: [],
    include: [],
  });
  expect(parseTranscriptionForm(form({ language: '', prompt: '', stream: '' }))).toEqual(
    parseTranscriptionForm(form({})),
  );
});

test('takes every field, lists and objects as either client writes them', () => {
  const fields = {
    language: 'EN',
    prompt: 'Kennedy',
    response_format: 'verbose_json',
    temperature: '0.2',
    'timestamp_granularities[]': ['word', 'segment'],
    'chunking_strategy[type]': 'server_vad',
    'chunking_strategy[threshold]': '0.4',
    'chunking_strategy[silence_duration_ms]': '200',
    further: 'ignored',
    // Names of what every object has are names like any other.
    __proto__: 'x',
    'constructor[prototype]': 'x',
  };
  expect(parseTranscriptionForm(form(fields))).toMatchObject({
    language: 'en',
    prompt: 'Kennedy',
    response_format: 'verbose_json',
    temperature: 0.2,
    timestamp_granularities: ['word', 'segment'],
    chunking_strategy: { type: 'server_vad', threshold: 0.4, silence_duration_ms: 200 },
  });
  for (const chunking_strategy of ['auto', '{"type": "server_vad", "threshold": 0.4}']) {
    expect(parseTranscriptionForm(form({ chunking_strategy })).chunking_strategy).toEqual(
      chunking_strategy === 'auto' ? 'auto' : { type: 'server_vad', threshold: 0.4 },
    );
  }
  const bare = form({ timestamp_granularities: 'word', response_format: 'verbose_json' });
  expect(parseTranscriptionForm(bare).timestamp_granularities).toEqual(['word']);
});

test.each(['true', 'True', '1'])('stream=%s asks for a stream', (stream) => {
  expect(parseTranscriptionForm(form({ stream })).stream).toBe(true);
});

test('a translation has fewer fields', () => {
  const fields = form({
    language: 'not looked at',
    'include[]': 'neither',
    response_format: 'srt',
  });
  expect(parseTranslationForm(fields)).toMatchObject({
    language: 'auto',
    include: [],
    response_format: 'srt',
  });
});

describe('refuses, and names the field:', () => {
  test.each<[string, string, Fields]>([
    ['no model', 'model', { model: '' }],
    ['a field twice', 'language', { language: ['en', 'de'] }],
    ['an unknown format', 'response_format', { response_format: 'docx' }],
    ['diarized_json', 'response_format', { response_format: 'diarized_json' }],
    ['a language in words', 'language', { language: 'English please' }],
    ['a temperature above 1', 'temperature', { temperature: '1.5' }],
    ['a temperature in words', 'temperature', { temperature: 'hot' }],
    ['a stream that may be', 'stream', { stream: 'maybe' }],
    ['a long prompt', 'prompt', { prompt: 'x'.repeat(4_001) }],
    ['unknown channels', 'channels', { channels: 'left' }],
    ['an unknown strategy', 'chunking_strategy', { chunking_strategy: 'manual' }],
    ['a strategy of another type', 'chunking_strategy', { 'chunking_strategy[type]': 'x' }],
    ['unknown times', 'timestamp_granularities', { 'timestamp_granularities[]': 'letter' }],
    [
      'times without verbose_json',
      'timestamp_granularities',
      { 'timestamp_granularities[]': 'word' },
    ],
    ['logprobs of subtitles', 'include', { 'include[]': 'logprobs', response_format: 'srt' }],
    ['unknown inclusions', 'include', { 'include[]': 'everything' }],
  ])('%s', (_, param, fields) => {
    const error = refusal(fields);
    expect(error).toBeInstanceOf(GatewayError);
    expect(error).toMatchObject({ code: 'bad_field', param });
    expect((error as GatewayError).message).toMatch(new RegExp(`${param}\\b.*\\.$`, 's'));
  });
});
