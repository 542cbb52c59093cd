import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import { type ObjectInfo, type ObjectStore, setSha256Backend } from '@nats-io/obj';
import { GatewayError } from '../../errors/index.js';
import { onNats } from './nats-failure.js';
import { readSubject } from './read-subject.js';

setSha256Backend('native');

/** Objects that nobody needs are left alone for so long: they may be part of an upload under way. */
const tidyAfterMs = 3_600_000;

/** Files in an object store. */
export class ObjectFiles {
  readonly #js: JetStreamClient;
  readonly #manager: JetStreamManager;
  readonly #objects: ObjectStore;
  readonly #bucket: string;
  readonly #stream: string;
  /** Chunks without an object, and when they were first seen. */
  readonly #orphans = new Map<string, number>();

  constructor(parts: {
    js: JetStreamClient;
    manager: JetStreamManager;
    objects: ObjectStore;
    bucket: string;
  }) {
    this.#js = parts.js;
    this.#manager = parts.manager;
    this.#objects = parts.objects;
    this.#bucket = parts.bucket;
    this.#stream = `OBJ_${parts.bucket}`;
  }

  /** @throws GatewayError `jobs_unavailable`, `disk_full`; what the file system says. */
  async put(name: string, path: string): Promise<void> {
    const file = createReadStream(path, { highWaterMark: 128 * 1_024 });
    try {
      const stream = Readable.toWeb(file) as ReadableStream<Uint8Array>;
      await onNats(() => this.#objects.put({ name }, stream as never));
    } finally {
      file.destroy();
    }
  }

  /** Bytes of an object. @throws GatewayError `not_found`, `jobs_unavailable`. */
  async sizeOf(name: string): Promise<number> {
    return (await this.#info(name)).size;
  }

  /**
   * Writes an object to a file, which is there when all of it is.
   * @throws GatewayError `not_found`, `jobs_unavailable`; what the file system says.
   */
  async fetch(name: string, path: string): Promise<void> {
    const info = await this.#info(name);
    const part = `${path}.part`;
    const file = await open(part, 'w', 0o600);
    try {
      await this.#write(info, file);
      await rename(part, path);
    } finally {
      await file.close();
      await rm(part, { force: true });
    }
  }

  /** Reads no faster than it writes, which the object store's own reader would. */
  async #write(info: ObjectInfo, file: FileHandle): Promise<void> {
    const hash = createHash('sha256');
    let bytes = 0;
    const subject = `$O.${this.#bucket}.C.${info.nuid}`;
    if (info.size > 0) {
      for await (const { data } of readSubject(this.#js, this.#stream, subject)) {
        hash.update(data);
        for (let at = 0; at < data.length; ) {
          at += (await file.write(data, at)).bytesWritten;
        }
        bytes += data.length;
      }
    }
    const digest = `SHA-256=${hash.digest('base64url')}`;
    if (bytes !== info.size || digest !== info.digest.replace(/=+$/, '')) {
      throw new GatewayError('jobs_unavailable', { message: 'A stored file came incomplete.' });
    }
  }

  /** @throws GatewayError `jobs_unavailable`. */
  async remove(name: string): Promise<void> {
    await onNats(async () => {
      const info = await this.#objects.info(name);
      if (!info) return;
      await this.#purge(`C.${info.nuid}`);
      await this.#purge(`M.${Buffer.from(name).toString('base64url')}${padding(name)}`);
    });
  }

  /**
   * Removes what uploads left behind that were interrupted a while ago.
   * @param isNeeded Whether an object still belongs to something.
   * @throws GatewayError `jobs_unavailable`.
   */
  async tidy(isNeeded: (name: string) => boolean): Promise<void> {
    await onNats(async () => {
      const chunks = await this.#manager.streams.info(this.#stream, {
        subjects_filter: `$O.${this.#bucket}.C.>`,
      });
      const objects = await this.#objects.list();
      for (const { name, mtime } of objects) {
        const isOld = Date.now() - Date.parse(mtime) > tidyAfterMs;
        if (isOld && !isNeeded(name)) await this.remove(name);
      }
      const known = new Set(objects.map(({ nuid }) => `$O.${this.#bucket}.C.${nuid}`));
      const unknown = Object.keys(chunks.state.subjects ?? {}).filter((each) => !known.has(each));
      await this.#removeOrphans(new Set(unknown));
    });
  }

  async #removeOrphans(unknown: ReadonlySet<string>): Promise<void> {
    const now = Date.now();
    for (const subject of this.#orphans.keys()) {
      if (!unknown.has(subject)) this.#orphans.delete(subject);
    }
    for (const subject of unknown) {
      const since = this.#orphans.get(subject) ?? now;
      this.#orphans.set(subject, since);
      if (now - since < tidyAfterMs) continue;
      await this.#manager.streams.purge(this.#stream, { filter: subject });
      this.#orphans.delete(subject);
    }
  }

  async #info(name: string): Promise<ObjectInfo> {
    const info = await onNats(() => this.#objects.info(name));
    if (info && !info.deleted) return info;
    throw new GatewayError('not_found', { message: 'The file of this job is gone.' });
  }

  async #purge(subject: string): Promise<void> {
    await this.#manager.streams.purge(this.#stream, { filter: `$O.${this.#bucket}.${subject}` });
  }
}

/** The names of objects are base64 with its padding. */
function padding(name: string): string {
  return '='.repeat((3 - (Buffer.byteLength(name) % 3)) % 3);
}
