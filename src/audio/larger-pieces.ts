import type { Decoder } from './decoder.js';

/** The same decoder, but it is given at least `minBytes` at a time; only the last piece may be smaller. */
export function inLargerPieces(decoder: Decoder, minBytes: number): Decoder {
  const held = Buffer.alloc(minBytes);
  let heldBytes = 0;
  return {
    output: decoder.output,
    write(bytes) {
      if (heldBytes + bytes.length < minBytes) {
        held.set(bytes, heldBytes);
        heldBytes += bytes.length;
        return true;
      }
      const piece = Buffer.concat([held.subarray(0, heldBytes), bytes]);
      heldBytes = 0;
      return decoder.write(piece);
    },
    drained: () => decoder.drained(),
    end() {
      // Copied, because the decoder keeps what it is given.
      if (heldBytes > 0) decoder.write(Buffer.from(held.subarray(0, heldBytes)));
      heldBytes = 0;
      decoder.end();
    },
    close: () => decoder.close(),
  };
}
