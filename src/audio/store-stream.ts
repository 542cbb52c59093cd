import { randomUUID } from 'node:crypto';
import { type FileHandle, open, readdir, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import { requireFree, whileRoom } from '../storage/index.js';

const prefix = 'whisper-gateway-stream-';

/**
 * Keeps a stream on disk until its end, so that what reads it can go back and forth. The file loses its name
 * as soon as it is open: nothing is left behind, however this process ends.
 * @param folder Where it lies for that moment.
 * @param reservedBytes What stays free on the disk of that folder.
 * @returns The open file; its descriptor stands at the beginning.
 * @throws What the stream or the disk says, an `AbortError`, or `disk_full`.
 */
export async function storeStream(
  stream: Readable,
  signal?: AbortSignal,
  folder: string = tmpdir(),
  reservedBytes = 0,
): Promise<FileHandle> {
  if (signal) addAbortSignal(signal, stream);
  const path = join(folder, `${prefix}${randomUUID()}`);
  const handle = await open(path, 'wx+', 0o600);
  try {
    await removeIfThere(path);
    let position = 0;
    const pieces = whileRoom(stream, () => requireFree(folder, reservedBytes));
    for await (const bytes of pieces) position += await writeAt(handle, bytes, position);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Takes away what a process left that was killed between opening a file and taking its name. What belongs to
 * another user stays.
 */
export async function removeStoredStreams(folder: string = tmpdir()): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(prefix));
  await Promise.allSettled(names.map((name) => unlink(join(folder, name))));
}

/** Another process of ours may have been quicker; the file stays open to whoever has it. */
async function removeIfThere(path: string): Promise<void> {
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

/** Writing at positions leaves the descriptor's own where its reader starts. @returns The bytes written: all. */
async function writeAt(handle: FileHandle, bytes: Uint8Array, position: number): Promise<number> {
  let written = 0;
  while (written < bytes.length) {
    const rest = bytes.length - written;
    written += (await handle.write(bytes, written, rest, position + written)).bytesWritten;
  }
  return written;
}
