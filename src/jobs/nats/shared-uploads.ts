import { mkdirSync } from 'node:fs';
import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { GatewayError } from '../../errors/index.js';
import type { Upload } from '../job.js';
import { UploadFolder } from '../upload-folder.js';
import type { Uploads } from '../uploads.js';
import type { ObjectFiles } from './object-files.js';

/** Bytes of files that are kept on the disk of this gateway, besides those that were just used. */
const maxLocalBytes = 2 * 1_024 ** 3;
/** A file that was located is not removed for so long: time enough to open it. */
const openWithinMs = 60_000;
const retryMs = 500;
const touchMs = 60_000;
/** A folder that was not touched for so long is that of a process which is gone. */
const abandonedMs = 15 * touchMs;

export interface SharedUploadsOptions {
  /** Folder of the folders of processes. */
  readonly parent: string;
  /** Of this process's. */
  readonly name: string;
  /** What stays free on the disk. */
  readonly reservedBytes: number;
}

interface LocalFile {
  bytes: number;
  usedAt: number;
}

/**
 * The files of jobs that gateways share: all of them in an object store, and those that were used last in a folder
 * of this process.
 */
export class SharedUploads implements Uploads {
  readonly #files: ObjectFiles;
  readonly #parent: string;
  readonly #name: string;
  readonly #folder: UploadFolder;
  readonly #reservedBytes: number;
  /** The least recently used first. */
  readonly #local = new Map<string, LocalFile>();
  readonly #fetching = new Map<string, Promise<void>>();
  readonly #timer: NodeJS.Timeout;

  /** @throws What the file system says. */
  constructor(files: ObjectFiles, options: SharedUploadsOptions) {
    const { parent, name, reservedBytes } = options;
    this.#files = files;
    this.#parent = parent;
    this.#name = name;
    this.#reservedBytes = reservedBytes;
    mkdirSync(parent, { recursive: true, mode: 0o700 });
    this.#folder = new UploadFolder(join(parent, name));
    this.#timer = setInterval(() => void this.#touch(), touchMs).unref();
    void this.#touch();
  }

  get arrivingBytes(): number {
    return this.#folder.arrivingBytes;
  }

  async receive(name: string, stream: Readable, requireRoom: () => Promise<void>): Promise<Upload> {
    const upload = await this.#folder.receive(name, stream, requireRoom);
    try {
      await this.#files.put(upload.id, this.#folder.pathOf(upload.id));
    } catch (error) {
      await this.remove(upload.id);
      throw error;
    }
    this.#used(upload.id, upload.bytes);
    return upload;
  }

  release(id: string): void {
    this.#folder.release(id);
  }

  async remove(id: string): Promise<void> {
    await this.forget(id);
    // What is left is found by `ObjectFiles.tidy`.
    await this.#files.remove(id).catch(() => {});
  }

  /** Its job is gone: so is its file here. Never rejects. */
  async forget(id: string): Promise<void> {
    this.#local.delete(id);
    await this.#folder.remove(id);
  }

  /** With a signal, it waits for NATS for as long as that says nothing. */
  async locate(id: string, signal?: AbortSignal): Promise<string> {
    for (;;) {
      try {
        return await this.#locate(id);
      } catch (error) {
        const { code } = GatewayError.from(error);
        if (!signal || code !== 'jobs_unavailable') throw error;
        await pause(retryMs, undefined, { signal }).catch(() => {});
        if (signal.aborted) throw new GatewayError('cancelled');
      }
    }
  }

  freeBytes(): Promise<number> {
    return this.#folder.freeBytes();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.allSettled(this.#fetching.values());
    await rm(join(this.#parent, this.#name), { recursive: true, force: true }).catch(() => {});
  }

  async #locate(id: string): Promise<string> {
    const path = this.#folder.pathOf(id);
    const local = this.#local.get(id);
    if (local) {
      this.#used(id, local.bytes);
      return path;
    }
    let fetching = this.#fetching.get(id);
    if (!fetching) {
      fetching = this.#fetch(id, path).finally(() => this.#fetching.delete(id));
      this.#fetching.set(id, fetching);
    }
    await fetching;
    return path;
  }

  async #fetch(id: string, path: string): Promise<void> {
    const bytes = await this.#files.sizeOf(id);
    if ((await this.freeBytes()) < bytes + this.#reservedBytes) throw new GatewayError('disk_full');
    await this.#files.fetch(id, path);
    this.#used(id, bytes);
  }

  #used(id: string, bytes: number): void {
    this.#local.delete(id);
    this.#local.set(id, { bytes, usedAt: performance.now() });
    void this.#makeRoom();
  }

  async #makeRoom(): Promise<void> {
    let bytes = [...this.#local.values()].reduce((sum, file) => sum + file.bytes, 0);
    for (const [id, file] of this.#local) {
      if (bytes <= maxLocalBytes || performance.now() - file.usedAt < openWithinMs) return;
      bytes -= file.bytes;
      await this.forget(id);
    }
  }

  /** Says that this folder is in use, and removes those that are not any more. Never rejects. */
  async #touch(): Promise<void> {
    await this.#makeRoom();
    const now = Date.now();
    await utimes(join(this.#parent, this.#name), now / 1_000, now / 1_000).catch(() => {});
    for (const name of await readdir(this.#parent).catch(() => [])) {
      const path = join(this.#parent, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now }));
      if (now - mtimeMs > abandonedMs)
        await rm(path, { recursive: true, force: true }).catch(() => {});
    }
  }
}
