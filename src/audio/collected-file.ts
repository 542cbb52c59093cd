import { randomUUID } from 'node:crypto';
import { closeSync, createWriteStream, openSync, unlinkSync, type WriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GatewayError } from '../errors/index.js';
import { drained } from './drained.js';

/**
 * Bytes kept on disk until all have come. The file loses its name as soon as it is open, so that nothing
 * is left behind however this process ends, and nobody else can open it.
 */
export class CollectedFile {
  readonly #maxBytes: number;
  readonly #onFailure: (error: GatewayError) => void;
  readonly #writer: WriteStream;
  readonly #reader: number;
  #bytes = 0;

  /**
   * @param maxBytes More than this fails with `container_too_large`.
   * @param onFailure Called at most once; everything after that is discarded. A disk that fails is a
   *   `decoder_crashed`.
   */
  constructor(maxBytes: number, onFailure: (error: GatewayError) => void) {
    this.#maxBytes = maxBytes;
    this.#onFailure = onFailure;
    const path = join(tmpdir(), `whisper-gateway-${randomUUID()}`);
    const file = openSync(path, 'wx', 0o600);
    // A descriptor of its own, because its position has to stay at the beginning.
    this.#reader = openSync(path, 'r');
    unlinkSync(path);
    this.#writer = createWriteStream('', { fd: file });
    this.#writer.once('error', (cause) =>
      onFailure(new GatewayError('decoder_crashed', { cause })),
    );
    this.#writer.once('close', () => closeSync(this.#reader));
  }

  /** False asks the caller to wait for `drained()` first. */
  write(bytes: Uint8Array): boolean {
    if (!this.#writer.writable) return true;
    this.#bytes += bytes.length;
    if (this.#bytes <= this.#maxBytes) return this.#writer.write(bytes);
    this.#writer.destroy();
    this.#onFailure(new GatewayError('container_too_large'));
    return true;
  }

  drained(): Promise<void> {
    return drained(this.#writer);
  }

  /** Calls `use` when everything is on disk, with a descriptor that is open during that call only. */
  finish(use: (file: number) => void): void {
    this.#writer.once('finish', () => use(this.#reader));
    this.#writer.end();
  }

  /** Idempotent; gives the disk space back. */
  close(): void {
    this.#writer.destroy();
  }
}
