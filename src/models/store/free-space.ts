import { statfs } from 'node:fs/promises';
import { GatewayError } from '../../errors/index.js';
import { describeBytes } from './describe-bytes.js';

/** What stays free besides a model: a disk that is full to its last byte fails everybody on it. */
const sparedBytes = 64 * 2 ** 20;

/** Bytes that may still be written to the disk of a folder. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** @throws GatewayError `disk_full` where `bytes` more do not fit. */
export async function requireSpace(folder: string, bytes: number): Promise<void> {
  const free = await freeBytes(folder);
  if (free >= bytes + sparedBytes) return;
  throw new GatewayError('disk_full', {
    message:
      `${describeBytes(bytes)} more are needed in ${folder}, and ${describeBytes(free)} are free. ` +
      'Free some space, or choose another folder with MODELS_DIR.',
  });
}
