import { describe, expect, test } from 'vitest';
import { sniffContainer } from '../../../src/audio/container-sniffer.js';
import { parseWavHeader } from '../../../src/audio/wav-header.js';

interface Format {
  tag?: number;
  channels?: number;
  sampleRate?: number;
  bits?: number;
}

function chunk(type: string, body: Buffer, size = body.length): Buffer {
  const header = Buffer.alloc(8);
  header.write(type, 'latin1');
  header.writeUInt32LE(size, 4);
  return Buffer.concat([header, body, Buffer.alloc(body.length % 2)]);
}

function fmt({ tag = 1, channels = 1, sampleRate = 16_000, bits = 16 }: Format = {}): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt16LE(tag, 0);
  body.writeUInt16LE(channels, 2);
  body.writeUInt32LE(sampleRate, 4);
  body.writeUInt32LE((sampleRate * channels * bits) / 8, 8);
  body.writeUInt16LE((channels * bits) / 8, 12);
  body.writeUInt16LE(bits, 14);
  return chunk('fmt ', body);
}

function wav(...chunks: Buffer[]): Buffer {
  return Buffer.concat([Buffer.from('RIFF____WAVE', 'latin1'), ...chunks]);
}

const data = chunk('data', Buffer.alloc(4));

test('a 44-byte header tells all there is to know', () => {
  expect(parseWavHeader(wav(fmt(), data))).toEqual({
    input: { kind: 'samples' },
    headerBytes: 44,
    dataBytes: 4,
  });
});

test.each([
  [{ bits: 8 }, 'u8'],
  [{ sampleRate: 44_100 }, 's16le'],
  [{ channels: 2 }, 's16le'],
  [{ bits: 24 }, 's24le'],
  [{ bits: 32 }, 's32le'],
])('%o is raw input for %s', (format, demuxer) => {
  const { sampleRate = 16_000, channels = 1 }: Format = format;
  expect(parseWavHeader(wav(fmt(format), data))?.input).toEqual({
    kind: 'raw',
    demuxer,
    sampleRate,
    channels,
  });
});

test.each([
  { tag: 3, bits: 32 },
  { tag: 0xfffe },
  { tag: 7, bits: 8 },
  { bits: 12 },
  { channels: 0 },
  { channels: 9 },
  { sampleRate: 3_999 },
  { sampleRate: 192_001 },
])('%o is left to ffmpeg', (format) => {
  expect(parseWavHeader(wav(fmt(format), data))).toBeNull();
});

test('chunks that are not needed are passed over, with the padding of odd ones', () => {
  const list = chunk('LIST', Buffer.from('odd'));
  const parsed = parseWavHeader(wav(list, fmt(), chunk('bext', Buffer.alloc(602)), data));
  expect(parsed).toMatchObject({ headerBytes: 44 + 12 + 610, dataBytes: 4 });
});

test('samples without a format are left to ffmpeg', () => {
  expect(parseWavHeader(wav(data, fmt()))).toBeNull();
});

describe('a writer to a pipe does not know the size', () => {
  test.each([0, 0x7fff_ffff, 0x7fff_f000, 0xffff_ffff])('%i is no limit', (size) => {
    const header = wav(fmt(), chunk('data', Buffer.alloc(0), size));
    expect(parseWavHeader(header)?.dataBytes).toBe(Infinity);
  });
});

test('every beginning of a header gives the answer of the whole, or none yet', () => {
  const whole = wav(chunk('LIST', Buffer.from('abc')), fmt({ channels: 2 }), data);
  const header = parseWavHeader(whole);
  for (let length = 12; length < 56; length++) {
    expect(parseWavHeader(whole.subarray(0, length))).toBeUndefined();
  }
  for (let length = 56; length <= whole.length; length++) {
    expect(sniffContainer(whole.subarray(0, length))).toEqual({ kind: 'wav', header });
  }
});
