import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Decoder } from '../../../src/audio/decoder.js';
import { inLargerPieces } from '../../../src/audio/larger-pieces.js';
import { cut } from '../../support/cut.js';

/** Keeps what it is given, and never has room. */
class FullDecoder implements Decoder {
  readonly pieces: Uint8Array[] = [];
  readonly output = (async function* () {})();
  ended = false;

  write(bytes: Uint8Array): boolean {
    this.pieces.push(bytes);
    return false;
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  end(): void {
    this.ended = true;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

test('all bytes arrive in order, and only the last piece may be smaller than asked for', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.nat(200)),
      fc.integer({ min: 1, max: 50 }),
      (bytes, cuts, minBytes) => {
        const inner = new FullDecoder();
        const decoder = inLargerPieces(inner, minBytes);
        for (const piece of cut(bytes, cuts)) {
          const before = inner.pieces.length;
          expect(decoder.write(piece)).toBe(inner.pieces.length === before);
        }
        decoder.end();
        expect(inner.ended).toBe(true);
        expect(Buffer.concat(inner.pieces)).toEqual(Buffer.from(bytes));
        for (const piece of inner.pieces.slice(0, -1)) {
          expect(piece.length).toBeGreaterThanOrEqual(minBytes);
        }
      },
    ),
  );
});
