import { parseWavHeader, type WavHeader } from './wav-header.js';

/** What the first bytes of a stream say about how to decode the rest. */
export type Container =
  /** Hand everything to this demuxer of ffmpeg; undefined lets ffmpeg find out. */
  | { readonly kind: 'stream'; readonly demuxer: string | undefined }
  /** An MP4 whose index comes after its data: it can be decoded only once it is complete. */
  | { readonly kind: 'collect' }
  /** Plain PCM behind a header. */
  | { readonly kind: 'wav'; readonly header: WavHeader };

/** An answer is given after this many bytes at the latest. */
export const maxSniffedBytes = 64 * 1024;

/** The longest signature: RIFF, a size, WAVE. */
const signatureBytes = 12;

/** Boxes that an MP4, M4A or QuickTime file may begin with. */
const mp4Beginnings = new Set(['ftyp', 'moov', 'mdat', 'free', 'skip', 'wide', 'pnot']);

/**
 * Looks at everything that has come so far and answers as soon as it can; undefined asks for more. Only
 * what cannot be mistaken is named, and named formats spare ffmpeg its own look at 2048 bytes, which would
 * be 0.7 s of a 24 kbit/s stream.
 */
export function sniffContainer(head: Buffer): Container | undefined {
  if (head.length < signatureBytes) return undefined;
  if (head.readUInt32BE(0) === 0x1a45dfa3) return { kind: 'stream', demuxer: 'matroska' };
  if (text(head, 0) === 'OggS') return { kind: 'stream', demuxer: 'ogg' };
  if (text(head, 0) === 'fLaC') return { kind: 'stream', demuxer: 'flac' };
  if (text(head, 0) === 'RIFF' && text(head, 8) === 'WAVE') return sniffWav(head);
  if (mp4Beginnings.has(text(head, 4))) return sniffMp4(head);
  return { kind: 'stream', demuxer: undefined };
}

function sniffWav(head: Buffer): Container | undefined {
  const header = parseWavHeader(head);
  if (header === undefined && head.length < maxSniffedBytes) return undefined;
  return header ? { kind: 'wav', header } : { kind: 'stream', demuxer: 'wav' };
}

/** Walks the top-level boxes (ISO/IEC 14496-12, 4.2) until the index or the data comes. */
function sniffMp4(head: Buffer): Container | undefined {
  let at = 0;
  while (at + 16 <= head.length) {
    const type = text(head, at + 4);
    if (type === 'moov') return { kind: 'stream', demuxer: 'mov' };
    if (type === 'mdat') return { kind: 'collect' };
    const shortSize = head.readUInt32BE(at);
    const size = shortSize === 1 ? Number(head.readBigUInt64BE(at + 8)) : shortSize;
    // No box is smaller than its own header; 0 would mean "to the end". Both are ffmpeg's to judge.
    if (size < 8) return { kind: 'stream', demuxer: 'mov' };
    at += size;
  }
  // Collecting is right wherever the index turns out to be; it only costs the live text.
  return head.length < maxSniffedBytes ? undefined : { kind: 'collect' };
}

function text(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, at + 4);
}
