import { statfs } from 'node:fs/promises';
import { GatewayError } from '../errors/index.js';

/** Bytes that are written between two looks at what is left. */
const lookEachBytes = 16 * 1024 ** 2;

/**
 * A stream that is written to a disk piece by piece, until there is no more room: what its sender says of its size
 * may be wrong, or missing, and others write as well.
 * @param requireRoom Asked while the stream comes and at its end, when all that came before is written. Throws
 *   where there is none.
 * @throws What the stream or `requireRoom` says.
 */
export async function* whileRoom(
  stream: AsyncIterable<Uint8Array>,
  requireRoom: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  let unseen = 0;
  for await (const piece of stream) {
    yield piece;
    unseen += piece.length;
    if (unseen < lookEachBytes) continue;
    unseen = 0;
    await requireRoom();
  }
  await requireRoom();
}

/** Bytes that may still be written to the disk of a folder. @throws What the file system says. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** @throws GatewayError `disk_full` where fewer bytes are free on the disk of a folder; what the file system says. */
export async function requireFree(folder: string, bytes: number): Promise<void> {
  if ((await freeBytes(folder)) < bytes) throw new GatewayError('disk_full');
}
