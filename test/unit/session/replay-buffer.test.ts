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
