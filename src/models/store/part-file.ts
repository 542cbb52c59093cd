import { type FileHandle, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { GatewayError, isDiskFull } from '../../errors/index.js';

/**
 * A file that is still growing: `FILE.part`, and in `FILE.part.json` the validator by which a server
 * can tell that what it has is still the same file.
 */
export class PartFile {
  readonly path: string;
  readonly #notes: string;

  constructor(target: string) {
    this.path = `${target}.part`;
    this.#notes = `${this.path}.json`;
  }

  /** What may be continued: without a validator the beginning could be another file's. */
  async resumable(): Promise<{ bytes: number; validator: string } | null> {
    try {
      const { validator } = JSON.parse(await readFile(this.#notes, 'utf8')) as {
        validator: unknown;
      };
      const { size } = await stat(this.path);
      return typeof validator === 'string' && size > 0 ? { bytes: size, validator } : null;
    } catch {
      return null;
    }
  }

  async size(): Promise<number> {
    return (await stat(this.path).catch(() => null))?.size ?? 0;
  }

  /** Opens it for the bytes from `start` on; 0 begins anew. The caller closes it. */
  async openAt(start: number, validator: string | null): Promise<FileHandle> {
    if (start > 0) return await open(this.path, 'a');
    await rm(this.#notes, { force: true });
    const file = await open(this.path, 'w');
    if (validator) await writeFile(this.#notes, JSON.stringify({ validator }));
    return file;
  }

  /** Also the folder in which the files of a voice are gathered. */
  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
    await this.forget();
  }

  /** Once the file is whole. */
  async forget(): Promise<void> {
    await rm(this.#notes, { force: true });
  }
}

/** @throws GatewayError `disk_full`. */
export async function append(file: FileHandle, chunk: Buffer): Promise<void> {
  try {
    await file.appendFile(chunk);
  } catch (error) {
    throw isDiskFull(error) ? new GatewayError('disk_full', { cause: error }) : error;
  }
}
