import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { freeBytes, whileRoom } from '../storage/index.js';
import type { Upload } from './job.js';
import type { Uploads } from './uploads.js';

/** Longest name that is kept, in UTF-16 units. */
const maxNameLength = 255;
/** What a file is called whose sender gave it no name. */
const nameless = 'audio';

/** The uploaded files, each under the id of its job: what senders call theirs never is a path here. */
export class UploadFolder implements Uploads {
  readonly #path: string;
  /** Files that are received now, or are not jobs yet, and the bytes that were written of each. */
  readonly #arriving = new Map<string, number>();

  /** @throws What the file system says. */
  constructor(path: string) {
    this.#path = path;
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }

  pathOf(id: string): string {
    return join(this.#path, id);
  }

  async locate(id: string): Promise<string> {
    return this.pathOf(id);
  }

  get arrivingBytes(): number {
    return [...this.#arriving.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** It survives a power failure. */
  async receive(name: string, stream: Readable, requireRoom: () => Promise<void>): Promise<Upload> {
    const id = `job_${randomBytes(12).toString('hex')}`;
    this.#arriving.set(id, 0);
    try {
      await this.#write(id, whileRoom(stream, requireRoom));
      return { id, name: cleanName(name), bytes: this.#arriving.get(id) ?? 0 };
    } catch (error) {
      stream.destroy();
      await this.remove(id);
      throw error;
    }
  }

  async #write(id: string, stream: AsyncIterable<Uint8Array>): Promise<void> {
    const path = this.pathOf(id);
    const part = `${path}.part`;
    const file = await open(part, 'wx', 0o600);
    let bytes = 0;
    try {
      for await (const piece of stream) {
        bytes += await writeAll(file, piece);
        this.#arriving.set(id, bytes);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
    await syncFolder(this.#path);
  }

  release(id: string): void {
    this.#arriving.delete(id);
  }

  /** What cannot be removed now is found at the next start. */
  async remove(id: string): Promise<void> {
    const path = this.pathOf(id);
    await Promise.all([path, `${path}.part`].map((each) => rm(each, { force: true }).catch(noop)));
    this.#arriving.delete(id);
  }

  async forget(id: string): Promise<void> {
    await this.remove(id);
  }

  /** Removes every file that is no job's: uploads that were interrupted, and jobs that were deleted. */
  tidy(ids: ReadonlySet<string>): void {
    for (const name of readdirSync(this.#path)) {
      if (ids.has(name) || this.#arriving.has(name)) continue;
      rmSync(join(this.#path, name), { force: true, recursive: true });
    }
  }

  freeBytes(): Promise<number> {
    return freeBytes(this.#path);
  }

  async close(): Promise<void> {}
}

async function writeAll(file: FileHandle, piece: Uint8Array): Promise<number> {
  for (let at = 0; at < piece.length; ) at += (await file.write(piece, at)).bytesWritten;
  return piece.length;
}

/** A new name is on the disk only when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}

/** A name that can be shown on one line. */
function cleanName(name: string): string {
  // Cut first: half of a surrogate pair is no character.
  const short = name.slice(0, maxNameLength);
  return short.replace(/[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/gu, '').trim() || nameless;
}

function noop(): void {}
