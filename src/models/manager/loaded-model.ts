import type { Engine } from '../../engine/index.js';
import { GatewayError } from '../../errors/index.js';
import type { MemoryBudget, MemoryHolder } from './memory-budget.js';
import type { ModelStatus } from './model-lease.js';
import type { ModelSource, OpenModel, PreparedModel } from './model-source.js';

/** Why a model was unloaded. */
export type UnloadReason = 'idle' | 'memory' | 'switch' | 'request' | 'closed';

/** Longest time that a timer can wait. */
const longestMs = 2 ** 31 - 1;

export interface LoadedModelOptions {
  readonly source: ModelSource;
  readonly budget: MemoryBudget;
  /** The one that is loaded where nobody names another. */
  readonly isDefault: () => boolean;
  /** Whether it stays loaded while nobody uses it, also where others want its memory. */
  readonly stays: () => boolean;
  /** How long it stays otherwise, in milliseconds: 0 leaves at once, Infinity only for others. */
  readonly idleMs: () => number;
  readonly onLoaded: (engine: Engine, tookMs: number) => void;
  /** It could not be loaded, and is of no use any more. */
  readonly onFailed: (error: GatewayError, tookMs: number) => void;
  /** It takes no users any more. @param ended Resolves when its memory is free. */
  readonly onUnload: (reason: UnloadReason, ended: Promise<void>) => void;
}

/**
 * One model from the moment on that it is wanted: being loaded, in use, idle, unloaded. It counts its
 * users, and is never unloaded under one of them.
 */
export class LoadedModel implements MemoryHolder {
  readonly name: string;
  /** Resolves when it can be used. */
  readonly opened: Promise<Engine>;
  readonly #options: LoadedModelOptions;
  readonly #abort = new AbortController();
  #prepared: PreparedModel | null = null;
  #open: OpenModel | null = null;
  #users = 0;
  #usedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #unloading: Promise<void> | undefined;

  constructor(name: string, options: LoadedModelOptions) {
    this.name = name;
    this.#options = options;
    this.opened = this.#load();
    // Whoever waits for it hears of it; nobody may be left to.
    this.opened.catch(() => {});
  }

  /** Null until it is loaded. */
  get engine(): Engine | null {
    return this.#open?.engine ?? null;
  }

  get memoryBytes(): number {
    return this.#prepared?.memoryBytes ?? 0;
  }

  get essential(): boolean {
    return this.#options.isDefault();
  }

  get idleSince(): number | null {
    return this.#users > 0 || this.#options.stays() ? null : this.#usedAt;
  }

  get status(): ModelStatus {
    const { name, memoryBytes, essential: isDefault, idleSince } = this;
    const idleMs = idleSince === null ? null : Math.round(performance.now() - idleSince);
    const info = this.engine?.info ?? null;
    return { name, info, isDefault, users: this.#users, memoryBytes, idleMs };
  }

  /** Counts one user in until the function that it returns is called. */
  use(): () => void {
    clearTimeout(this.#timer);
    this.#users++;
    let used = true;
    return () => {
      if (!used) return;
      used = false;
      this.#users--;
      this.#usedAt = performance.now();
      this.reconsider();
    };
  }

  /** Unloads it now or later where nobody uses it; to be called when what keeps it has changed. */
  reconsider(): void {
    clearTimeout(this.#timer);
    if (this.#users > 0 || this.#options.stays()) return;
    const idleMs = this.#options.idleMs();
    if (idleMs === 0) void this.unload('switch');
    else if (idleMs <= longestMs) this.#timer = setTimeout(() => this.#idled(), idleMs).unref();
  }

  unload(reason: UnloadReason = 'memory'): Promise<void> {
    if (!this.#unloading) {
      this.#unloading = this.#end();
      this.#options.onUnload(reason, this.#unloading);
    }
    return this.#unloading;
  }

  #idled(): void {
    if (!this.#options.stays()) void this.unload('idle');
  }

  async #load(): Promise<Engine> {
    const { source, budget, onLoaded, onFailed } = this.#options;
    const startedAt = performance.now();
    try {
      this.#prepared = await source.prepare(this.name);
      await budget.admit(this);
      this.#open = await this.#prepared.open(this.#abort.signal);
      if (this.#abort.signal.aborted) throw new GatewayError('engine_unavailable');
    } catch (thrown) {
      const error = GatewayError.from(thrown);
      await this.#open?.close();
      budget.leave(this);
      if (!this.#unloading) onFailed(error, performance.now() - startedAt);
      this.#unloading ??= Promise.resolve();
      throw error;
    }
    onLoaded(this.#open.engine, performance.now() - startedAt);
    this.reconsider();
    return this.#open.engine;
  }

  async #end(): Promise<void> {
    clearTimeout(this.#timer);
    this.#abort.abort();
    await this.opened.catch(() => {});
    await this.#open?.close();
    this.#options.budget.leave(this);
  }
}
