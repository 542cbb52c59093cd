import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concatPcm } from '../../../src/audio/pcm.js';
import { samplesFromBytes } from '../../../src/audio/samples-from-bytes.js';
import { cut } from '../../support/cut.js';

test('bytes are little-endian, and half a sample waits for its other half', () => {
  const toSamples = samplesFromBytes();
  expect([...toSamples(Uint8Array.of(0x01, 0x00, 0xff))]).toEqual([1]);
  expect([...toSamples(Uint8Array.of())]).toEqual([]);
  expect([...toSamples(Uint8Array.of(0x7f))]).toEqual([32_767]);
  expect([...toSamples(Uint8Array.of(0x00, 0x80))]).toEqual([-32_768]);
});

test('any cutting, at any address, gives the same samples; half a sample at the end is dropped', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.nat(300)),
      fc.nat(3),
      (bytes, cuts, offset) => {
        const shifted = new Uint8Array(offset + bytes.length);
        shifted.set(bytes, offset);
        const toSamples = samplesFromBytes();
        const pieces = cut(shifted.subarray(offset), cuts).map(toSamples);
        const expected = new Int16Array(bytes.slice(0, bytes.length & ~1).buffer);
        expect(concatPcm(pieces)).toEqual(expected);
      },
    ),
  );
});
