import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReplayBuffer } from '../../../src/session/replay-buffer.js';

test('gives exactly what came behind a number, or nothing where a part of that is gone', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 10, max: 200 }),
      fc.array(fc.string({ maxLength: 20 }), { maxLength: 40 }),
      fc.nat(45),
      (replayMaxEvents, replayMaxBytes, texts, asked) => {
        const buffer = new ReplayBuffer({ replayMaxEvents, replayMaxBytes });
        for (const [index, text] of texts.entries()) buffer.add(index + 1, text);
        const missed = texts.slice(asked);
        const bytes = Buffer.byteLength(missed.join(''));
        const kept = missed.length <= replayMaxEvents && bytes <= replayMaxBytes;
        expect(buffer.after(asked)).toEqual(asked <= texts.length && kept ? missed : null);
        expect(buffer.bytes).toBeLessThanOrEqual(replayMaxBytes);
      },
    ),
  );
});

test('reaches as far as it is told to: events that end before that are of no use to anybody', () => {
  const limits = { replayMaxEvents: 10, replayMaxBytes: 1_000 };
  const whole = new ReplayBuffer(limits);
  for (const seq of [4, 5, 6]) whole.add(seq, `event ${seq}`);
  whole.reach(6);
  expect(whole.after(5)).toEqual(['event 6']);
  const torn = new ReplayBuffer(limits);
  for (const seq of [4, 5]) torn.add(seq, `event ${seq}`);
  torn.reach(6);
  expect([torn.after(6), torn.after(5), torn.bytes]).toEqual([[], null, 0]);
});
