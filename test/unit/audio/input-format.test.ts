import { describe, expect, test } from 'vitest';
import { parseInputFormat } from '../../../src/audio/input-format.js';

test.each(['auto', 'wav', 'mp4', 'm4a', 'mov', 'M4A'])(
  '%s is for the first bytes to decide',
  (format) => {
    expect(parseInputFormat({ format })).toBeUndefined();
  },
);

test.each([
  ['webm', 'matroska'],
  ['ogg', 'ogg'],
  ['opus', 'ogg'],
  ['mp3', 'mp3'],
  ['flac', 'flac'],
  ['aac', 'aac'],
  ['MPEGTS', 'mpegts'],
])('%s is for the demuxer %s', (format, demuxer) => {
  expect(parseInputFormat({ format })).toEqual({ kind: 'container', demuxer });
});

test('16 kHz mono s16le, which raw formats are unless they say otherwise, needs no ffmpeg', () => {
  expect(parseInputFormat({ format: 'pcm_s16le' })).toEqual({ kind: 'samples' });
  expect(parseInputFormat({ format: 'pcm_s16le', sampleRate: 16_000, channels: 1 })).toEqual({
    kind: 'samples',
  });
});

test.each([
  ['pcm_s16le', 's16le', 48_000, 1],
  ['pcm_s16le', 's16le', 16_000, 2],
  ['pcm_f32le', 'f32le', 16_000, 1],
  ['mulaw', 'mulaw', 8_000, 1],
  ['alaw', 'alaw', 4_000, 8],
  ['pcm_f32le', 'f32le', 192_000, 8],
])(
  '%s is for the demuxer %s at %i Hz with %i channels',
  (format, demuxer, sampleRate, channels) => {
    expect(parseInputFormat({ format, sampleRate, channels })).toEqual({
      kind: 'raw',
      demuxer,
      sampleRate,
      channels,
    });
  },
);

describe('what cannot be decoded is a bad field, and named', () => {
  test.each([
    [{ format: 'hls' }, 'audio.format'],
    [{ format: 'concat' }, 'audio.format'],
    [{ format: '' }, 'audio.format'],
    [{ format: '-i' }, 'audio.format'],
    [{ format: 'mulaw', sampleRate: 3_999 }, 'audio.sample_rate'],
    [{ format: 'mulaw', sampleRate: 192_001 }, 'audio.sample_rate'],
    [{ format: 'mulaw', sampleRate: 8_000.5 }, 'audio.sample_rate'],
    [{ format: 'mulaw', sampleRate: Number.NaN }, 'audio.sample_rate'],
    [{ format: 'mulaw', channels: 0 }, 'audio.channels'],
    [{ format: 'mulaw', channels: 9 }, 'audio.channels'],
    [{ format: 'mulaw', channels: 1.5 }, 'audio.channels'],
  ])('%o', (audio, field) => {
    expect(() => parseInputFormat(audio)).toThrow(
      expect.objectContaining({ code: 'bad_field', message: expect.stringContaining(field) }),
    );
  });
});
