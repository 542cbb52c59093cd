import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxWaitingSamples, PcmDecoder } from '../../../src/audio/pcm-decoder.js';
import { cut } from '../../support/cut.js';
import { readAll, samplesOf } from '../../support/decode.js';

test('any cutting gives the same samples', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 500 }),
      fc.array(fc.nat(500)),
      fc.boolean(),
      async (bytes, cuts, readFirst) => {
        const decoder = new PcmDecoder();
        const read = readFirst ? readAll(decoder) : undefined;
        for (const piece of cut(bytes, cuts)) decoder.write(piece);
        decoder.end();
        expect(await (read ?? readAll(decoder))).toEqual(samplesOf(bytes));
      },
    ),
  );
});

test('a writer that waits when asked to is never further ahead than the limit and one piece', async () => {
  const decoder = new PcmDecoder();
  const piece = new Uint8Array(2 * maxWaitingSamples);
  let pieces = 0;
  const writing = (async () => {
    for (; pieces < 20; pieces++) if (!decoder.write(piece)) await decoder.drained();
    decoder.end();
  })();
  let samples = 0;
  for await (const read of decoder.output) {
    samples += read.length;
    expect((pieces + 1) * maxWaitingSamples - samples).toBeLessThanOrEqual(2 * maxWaitingSamples);
  }
  await writing;
  expect(samples).toBe(20 * maxWaitingSamples);
});

test('a writer that waits goes on when the decoder ends or closes', async () => {
  for (const stop of ['end', 'close'] as const) {
    const decoder = new PcmDecoder();
    expect(decoder.write(new Uint8Array(2 * maxWaitingSamples))).toBe(false);
    const drained = decoder.drained();
    await decoder[stop]();
    await drained;
  }
});

test('an end keeps what waits, a close drops it, and nothing is taken afterwards', async () => {
  const ended = new PcmDecoder();
  ended.write(Uint8Array.of(1, 0));
  ended.end();
  ended.end();
  ended.write(Uint8Array.of(2, 0));
  expect([...(await readAll(ended))]).toEqual([1]);

  const closed = new PcmDecoder();
  closed.write(Uint8Array.of(1, 0));
  await closed.close();
  await closed.close();
  closed.write(Uint8Array.of(2, 0));
  expect(await readAll(closed)).toHaveLength(0);
});

test('a reader that waits ends when the decoder closes', async () => {
  const decoder = new PcmDecoder();
  const read = readAll(decoder);
  await decoder.close();
  expect(await read).toHaveLength(0);
});
