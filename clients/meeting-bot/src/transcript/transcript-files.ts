import { mkdirSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { BotError } from '../bot-error.js';
import {
  formatTranscript,
  type MeetingRecord,
  type TranscriptFormat,
} from './format-transcript.js';

export interface TranscriptFilesOptions {
  /** Path without an ending. */
  readonly path: string;
  readonly formats: readonly TranscriptFormat[];
  /** The files are written at most so often. */
  readonly intervalMs: number;
  readonly record: () => MeetingRecord;
  /** The disk is full, or the like; it is tried again with the next change. */
  readonly onProblem: (error: BotError) => void;
}

/** The transcript on disk, whole at any moment, while the meeting goes on. */
export class TranscriptFiles {
  readonly #options: TranscriptFilesOptions;
  #timer: NodeJS.Timeout | undefined;
  #writing = Promise.resolve();

  /** @throws BotError `not_written`: the folder cannot be made. */
  constructor(options: TranscriptFilesOptions) {
    this.#options = options;
    try {
      mkdirSync(dirname(options.path), { recursive: true });
    } catch (error) {
      throw notWritten(options.path, error);
    }
  }

  get paths(): string[] {
    return this.#options.formats.map((format) => resolve(`${this.#options.path}.${format}`));
  }

  /** Something is new: the files follow soon. */
  touch(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#enqueue().catch((error) => this.#options.onProblem(error as BotError));
    }, this.#options.intervalMs);
  }

  /** Writes what there is now. @throws BotError `not_written`. */
  save(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return this.#enqueue();
  }

  /** One write at a time: two would rename each other's files away. */
  #enqueue(): Promise<void> {
    const write = this.#writing.then(() => this.#write());
    this.#writing = write.catch(() => {});
    return write;
  }

  async #write(): Promise<void> {
    const record = this.#options.record();
    for (const [index, format] of this.#options.formats.entries()) {
      const path = this.paths[index] as string;
      try {
        await writeFile(`${path}.part`, formatTranscript(record, format));
        await rename(`${path}.part`, path);
      } catch (error) {
        throw notWritten(path, error);
      }
    }
  }
}

function notWritten(path: string, error: unknown): BotError {
  const reason = error instanceof Error ? error.message : String(error);
  return new BotError('not_written', `The transcript ${path} cannot be written: ${reason}`, error);
}
