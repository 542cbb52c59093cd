import type { JournalEntry } from '../session/index.js';

/** An entry, and which journal it is of. */
export interface WrittenEntry extends JournalEntry {
  readonly writer: string;
}

/** Audio as it is kept: 16 kHz mono s16. */
export interface AudioPiece {
  /** Its first sample on the session's clock. */
  readonly start: number;
  readonly samples: Int16Array;
  /** Whether the audio right before it never came. */
  readonly afterGap: boolean;
}

/** Bytes before the samples: where they start, and whether a gap is before them. */
const headBytes = 10;

/** @param maxBytes Events that do not fit are left out; whoever missed them begins anew. */
export function encodeEntry(entry: WrittenEntry, maxBytes: number): Uint8Array {
  const whole = Buffer.from(JSON.stringify(entry));
  return whole.length <= maxBytes ? whole : Buffer.from(JSON.stringify({ ...entry, events: [] }));
}

export function decodeEntry(data: Uint8Array): WrittenEntry {
  return JSON.parse(Buffer.from(data).toString()) as WrittenEntry;
}

export function encodeAudio({ start, samples, afterGap }: AudioPiece): Uint8Array {
  const data = Buffer.alloc(headBytes + samples.length * 2);
  data.writeDoubleLE(start, 0);
  data.writeUInt16LE(afterGap ? 1 : 0, 8);
  data.set(Buffer.from(samples.buffer, samples.byteOffset, samples.length * 2), headBytes);
  return data;
}

export function decodeAudio(data: Uint8Array): AudioPiece {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const length = Math.floor((data.length - headBytes) / 2);
  const samples = new Int16Array(length);
  new Uint8Array(samples.buffer).set(data.subarray(headBytes, headBytes + length * 2));
  return { start: view.getFloat64(0, true), samples, afterGap: view.getUint16(8, true) === 1 };
}
