import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';

/**
 * Keeps a stream on disk until its end, so that what reads it can go back and forth. The file loses its name
 * as soon as it is open: nothing is left behind, however this process ends.
 * @returns The open file; its descriptor stands at the beginning.
 * @throws What the stream or the disk says, or an `AbortError`.
 */
export async function storeStream(stream: Readable, signal?: AbortSignal): Promise<FileHandle> {
  if (signal) addAbortSignal(signal, stream);
  const path = join(tmpdir(), `whisper-gateway-${randomUUID()}`);
  const handle = await open(path, 'wx+', 0o600);
  try {
    await unlink(path);
    let position = 0;
    for await (const bytes of stream) position += await writeAt(handle, bytes, position);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
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
