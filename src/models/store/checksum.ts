import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** Read at a time: much larger than the default, which hashes slower than the disk reads. */
const pieceBytes = 1 << 20;

export interface Checksums {
  /** Hexadecimal, both. */
  readonly sha1: string;
  readonly sha256: string;
}

/** One of them, as a publisher states it. */
export interface Checksum {
  readonly algorithm: keyof Checksums;
  readonly hex: string;
}

/** As people write them. */
export const algorithmNames = { sha1: 'SHA-1', sha256: 'SHA-256' } as const;

/** The SHA-256 of a file in hexadecimal: a tenth of a second for the embedded model. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: pieceBytes }), hash);
  return hash.digest('hex');
}

/** Both checksums of a file in one reading, about a second per gigabyte. */
export async function checksumsOf(
  path: string,
  onProgress: (bytes: number) => void = () => {},
): Promise<Checksums> {
  const sha1 = createHash('sha1');
  const sha256 = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: pieceBytes })) {
    sha1.update(chunk as Buffer);
    sha256.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    onProgress(bytes);
  }
  return { sha1: sha1.digest('hex'), sha256: sha256.digest('hex') };
}
