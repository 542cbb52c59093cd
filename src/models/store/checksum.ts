import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

export interface Checksums {
  /** Hexadecimal, both. */
  readonly sha1: string;
  readonly sha256: string;
}

/** Both checksums of a file in one reading, about a second per gigabyte. */
export async function checksumsOf(
  path: string,
  onProgress: (bytes: number) => void = () => {},
): Promise<Checksums> {
  const sha1 = createHash('sha1');
  const sha256 = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    sha1.update(chunk as Buffer);
    sha256.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    onProgress(bytes);
  }
  return { sha1: sha1.digest('hex'), sha256: sha256.digest('hex') };
}
