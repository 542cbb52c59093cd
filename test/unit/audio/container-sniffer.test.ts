import { describe, expect, test } from 'vitest';
import { maxSniffedBytes, sniffContainer } from '../../../src/audio/container-sniffer.js';

function bytes(hexOrText: string): Buffer {
  return Buffer.from(hexOrText.replaceAll(/\s/g, ''), 'hex');
}

/** A box of an MP4; `claimed` is the size in its header where that is not its real one. */
function box(type: string, bodyBytes: number, claimed = 8 + bodyBytes): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(claimed);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, Buffer.alloc(bodyBytes)]);
}

/** A box whose size takes 64 bits. */
function largeBox(type: string, bodyBytes: number): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(16 + bodyBytes));
  return Buffer.concat([box(type, 0, 1), size, Buffer.alloc(bodyBytes)]);
}

const stream = (demuxer: string | undefined) => ({ kind: 'stream', demuxer });
const collect = { kind: 'collect' };
const ftyp = box('ftyp', 24);

const cases = [
  ['webm', bytes('1a45dfa3 9f428681 01 42f7810142f28104'), stream('matroska')],
  ['ogg', bytes('4f676753 0002 0000000000000000 12345678'), stream('ogg')],
  ['flac', bytes('664c6143 00000022 10001000'), stream('flac')],
  ['text', Buffer.from('this is not audio'), stream(undefined)],
  ['mp3', bytes('fffb9064 00000000 00000000 00000000'), stream(undefined)],
  ['mp4 with its index first', Buffer.concat([ftyp, box('moov', 100)]), stream('mov')],
  ['mp4 with its data first', Buffer.concat([ftyp, box('mdat', 100)]), collect],
  ['mp4 without ftyp', box('moov', 100), stream('mov')],
  ['quicktime', Buffer.concat([box('wide', 0), box('mdat', 100)]), collect],
  [
    'mp4 with filling before its index',
    Buffer.concat([ftyp, box('free', 3000), box('uuid', 7), box('moov', 9)]),
    stream('mov'),
  ],
  ['mp4 with a 64-bit box', Buffer.concat([ftyp, largeBox('skip', 40), box('mdat', 9)]), collect],
  ['mp4 with 64-bit data', Buffer.concat([ftyp, largeBox('mdat', 40)]), collect],
  ['mp4 with data up to its end', Buffer.concat([ftyp, box('mdat', 100, 0)]), collect],
  ['mp4 with a box of size 0', Buffer.concat([ftyp, box('free', 100, 0)]), stream('mov')],
  ['mp4 with an impossible size', Buffer.concat([ftyp, box('free', 100, 7)]), stream('mov')],
  [
    'mp4 with an impossible 64-bit size',
    Buffer.concat([ftyp, box('free', 0, 1), Buffer.alloc(100)]),
    stream('mov'),
  ],
] as const;

describe('every beginning of a stream gives the answer of the whole, or none yet', () => {
  test.each(cases)('%s', (_, whole, expected) => {
    expect(sniffContainer(whole)).toEqual(expected);
    for (let length = 0; length < whole.length; length++) {
      expect([undefined, expected]).toContainEqual(sniffContainer(whole.subarray(0, length)));
    }
  });
});

test('the index or the data of an mp4 is seen as soon as its box begins', () => {
  const whole = Buffer.concat([ftyp, box('mdat', 8)]);
  expect(sniffContainer(whole.subarray(0, ftyp.length + 15))).toBeUndefined();
  expect(sniffContainer(whole.subarray(0, ftyp.length + 16))).toEqual(collect);
});

test('an mp4 whose filling goes on and on is collected, as that is always right', () => {
  const endless = Buffer.concat([ftyp, box('free', maxSniffedBytes, 0xffff_ffff)]);
  expect(sniffContainer(endless.subarray(0, maxSniffedBytes - 1))).toBeUndefined();
  expect(sniffContainer(endless.subarray(0, maxSniffedBytes))).toEqual(collect);
});

test('a wav whose chunks go on and on is left to ffmpeg', () => {
  const endless = Buffer.alloc(maxSniffedBytes);
  endless.write('RIFF____WAVEJUNK', 'latin1');
  endless.writeUInt32LE(0xffff_fff0, 16);
  expect(sniffContainer(endless.subarray(0, maxSniffedBytes - 1))).toBeUndefined();
  expect(sniffContainer(endless)).toEqual(stream('wav'));
});
