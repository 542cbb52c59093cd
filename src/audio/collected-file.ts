import { randomUUID } from 'node:crypto';
import { createWriteStream, openSync, unlinkSync, type WriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GatewayError, isDiskFull } from '../errors/index.js';
import { drained } from './drained.js';

/**
 * Bytes kept on disk until all have come. The file loses its name as soon as it is open, so that nothing
 * is left behind however this process ends, and nobody else can open it.
 */
export class CollectedFile {
  readonly #maxBytes: number;
  readonly #onFailure: (error: GatewayError) => void;
  readonly #file: number;
  readonly #writer: WriteStream;
  #bytes = 0;

  /**
   * @param maxBytes More than this fails with `container_too_large`.
   * @param onFailure Called at most once; everything after that is discarded.
   * @throws GatewayError as `onFailure` is called with: `disk_full`, or `decoder_crashed` for a disk
   *   that fails in another way.
   */
  constructor(maxBytes: number, onFailure: (error: GatewayError) => void) {
    this.#maxBytes = maxBytes;
    this.#onFailure = onFailure;
    const path = join(tmpdir(), `whisper-gateway-${randomUUID()}`);
    this.#file = open(path);
    unlinkSync(path);
    // Writing at positions leaves the descriptor's own at the beginning, where its reader starts.
    this.#writer = createWriteStream('', { fd: this.#file, start: 0 });
    this.#writer.once('error', (cause) => onFailure(diskFailure(cause)));
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
    this.#writer.once('finish', () => use(this.#file));
    this.#writer.end();
  }

  /** Idempotent; gives the disk space back. */
  close(): void {
    this.#writer.destroy();
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'wx+', 0o600);
  } catch (error) {
    throw diskFailure(error);
  }
}

function diskFailure(cause: unknown): GatewayError {
  if (!isDiskFull(cause)) return new GatewayError('decoder_crashed', { cause });
  const message = 'The disk is full, and this container has to be kept on it first.';
  return new GatewayError('disk_full', { message, cause });
}
