import { type ChildProcess, spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import type { FoundFfmpeg } from './ffmpeg-path.js';

export interface FfmpegChildOptions {
  readonly ffmpeg: FoundFfmpeg;
  readonly arguments: readonly string[];
  /** Descriptor to read as `fd:3` instead of what is written; stays the caller's to close. */
  readonly file?: number | undefined;
  /** Called with 1 when the child has started and with −1 when it is gone. */
  readonly onChild?: ((change: 1 | -1) => void) | undefined;
}

/** How a child ended. */
export interface FfmpegExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started at all. */
  readonly error?: Error;
}

/** Between SIGTERM and SIGKILL. */
const killDelayMs = 500;

/** Characters of ffmpeg's last words that are kept. */
const maxLastWords = 2_000;

/**
 * One ffmpeg child. It reads a pipe and ends with it, so it also ends when this process is killed.
 * Its environment is empty: it works on untrusted bytes and has no use for our keys.
 */
export class FfmpegChild {
  /** Resolves when the child runs; rejects where it cannot be started. */
  readonly spawned: Promise<void>;
  /** Resolves when the child is gone and its output was read. */
  readonly exited: Promise<FfmpegExit>;
  readonly #child: ChildProcess;
  #lastWords = '';
  #closing: Promise<void> | undefined;

  /** @throws What the system says where it refuses another process. */
  constructor({ ffmpeg, arguments: args, file, onChild }: FfmpegChildOptions) {
    const stdin = file === undefined ? 'pipe' : 'ignore';
    // A terminal's Ctrl-C goes to its whole process group, and would end audio that is still to be drained.
    const child = spawn(ffmpeg.path, args, {
      stdio: [stdin, 'pipe', 'pipe', file],
      env: {},
      detached: true,
    });
    this.#child = child;
    child.once('spawn', () => onChild?.(1));
    if (file !== undefined) giveWay(child);
    child.once('exit', () => onChild?.(-1));
    for (const pipe of child.stdio ?? []) {
      // EPIPE and ECONNRESET say no more than the exit that follows.
      pipe?.on('error', () => {});
    }
    child.stderr?.setEncoding('utf8').on('data', (words: string) => {
      this.#lastWords = (this.#lastWords + words).slice(-maxLastWords);
    });
    // Node throws away what nobody has begun to read when a child exits; a listener is a reader to it.
    child.stdout?.on('readable', () => {});
    this.spawned = new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    this.spawned.catch(() => {});
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal }));
      child.on('error', (error) => {
        if (child.pid === undefined) resolve({ code: null, signal: null, error });
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Null for a file, and without any pipe where descriptors have run out. */
  get stdin(): Writable | null {
    return this.#child.stdin ?? null;
  }

  get stdout(): Readable | null {
    return this.#child.stdout ?? null;
  }

  /** The end of what ffmpeg complained about. */
  get lastWords(): string {
    return this.#lastWords.trim();
  }

  /** Idempotent. Never rejects. Resolves when the child is gone. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const pipe of this.#child.stdio ?? []) pipe?.destroy();
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), killDelayMs);
    await this.exited;
    clearTimeout(late);
  }
}

/** Nobody watches a stored file being decoded, so that computes with what live work leaves. */
function giveWay({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already, or the system refuses: then it goes on as any other.
  }
}
