import { GatewayError } from '../errors/index.js';
import type { MemoryBudget, MemoryHolder } from '../models/index.js';

/** What speaks: a thread or a process. */
interface Runner {
  /** Whether it takes work. */
  readonly alive: boolean;
  /** Idempotent. Never rejects. */
  close(): Promise<void>;
}

export interface OnDemandOptions<R extends Runner> {
  readonly name: string;
  /** Roughly what it takes. */
  readonly memoryBytes: number;
  /** Shared with everything else that takes memory while it is loaded. */
  readonly memory: MemoryBudget;
  /** What nobody used for so many milliseconds is ended; Infinity keeps it until others need its memory. */
  readonly unloadAfterMs: number;
  readonly start: () => Promise<R>;
}

/** A thread or process that starts with its first use, again where it died, and ends when it is idle. */
export class OnDemand<R extends Runner> implements MemoryHolder {
  readonly #options: OnDemandOptions<R>;
  #runner: Promise<R> | undefined;
  #ending: Promise<void> = Promise.resolve();
  #users = 0;
  #usedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: OnDemandOptions<R>) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get memoryBytes(): number {
    return this.#options.memoryBytes;
  }

  get idleSince(): number | null {
    return this.#users > 0 ? null : this.#usedAt;
  }

  /** Whether it can be used at once, or soon. */
  get loaded(): boolean {
    return this.#runner !== undefined;
  }

  /**
   * @throws GatewayError what it cannot be started with, `memory_budget_exceeded`, `model_too_large`,
   *   `server_draining`, and whatever `work` throws.
   */
  async use<T>(work: (runner: R) => T | Promise<T>): Promise<T> {
    clearTimeout(this.#timer);
    this.#users++;
    try {
      return await work(await this.#running());
    } finally {
      this.#users--;
      this.#usedAt = performance.now();
      if (this.#users === 0) this.#unloadLater();
    }
  }

  /** Ends it until somebody wants it again. */
  unload(): Promise<void> {
    clearTimeout(this.#timer);
    const runner = this.#runner;
    this.#runner = undefined;
    if (runner !== undefined) this.#ending = this.#end(runner);
    return this.#ending;
  }

  /** Idempotent. Never rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.unload();
  }

  #unloadLater(): void {
    const { unloadAfterMs } = this.#options;
    if (this.#closed || !Number.isFinite(unloadAfterMs)) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.unload(), unloadAfterMs).unref();
  }

  async #running(): Promise<R> {
    if (this.#closed) throw new GatewayError('server_draining');
    this.#runner ??= this.#start();
    const starting = this.#runner;
    const forget = () => {
      if (this.#runner === starting) this.#runner = undefined;
    };
    const runner = await starting.catch((error: unknown) => {
      // The next request tries again.
      forget();
      throw error;
    });
    if (runner.alive) return runner;
    forget();
    return await this.#running();
  }

  async #start(): Promise<R> {
    const { memory, start } = this.#options;
    // Its memory is counted once: the one before is gone first.
    await this.#ending;
    await memory.admit(this);
    try {
      return await start();
    } catch (error) {
      memory.leave(this);
      throw error;
    }
  }

  async #end(starting: Promise<R>): Promise<void> {
    const runner = await starting.catch(() => null);
    await runner?.close();
    this.#options.memory.leave(this);
  }
}
