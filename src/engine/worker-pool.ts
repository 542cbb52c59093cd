import { EventEmitter } from 'node:events';
import { GatewayError } from '../errors/index.js';
import { checkWindow } from './check-window.js';
import type { AudioWindow, Engine, EngineInfo, Hypothesis, WorkerGpu } from './engine.js';
import { firstAvailable } from './first-available.js';
import type { InferenceReady } from './messages.js';
import type { PoolDevice, WorkerPoolOptions } from './pool-options.js';
import { PoolWorker } from './pool-worker.js';

/** The engine on this machine: windows go to forked workers, which are replaced when they die. */
export interface WorkerPool extends Engine {
  /** Version of whisper.cpp. */
  readonly whisperVersion: string;
}

/**
 * Starts a worker on each device, and resolves when all of them have loaded the model or failed to.
 * @throws GatewayError where none could: `backend_unavailable`, `model_not_found`, `model_corrupt`,
 *   `model_load_failed` or `engine_out_of_memory`.
 */
export async function createWorkerPool(options: WorkerPoolOptions): Promise<WorkerPool> {
  const { signal } = options;
  const pool = new ForkedWorkerPool(options);
  const giveUp = () => void pool.close();
  signal?.addEventListener('abort', giveUp);
  try {
    if (signal?.aborted) giveUp();
    await pool.started();
    return pool;
  } catch (error) {
    await pool.close();
    throw error;
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
}

/** Workers that share the windows. One that is lost takes its slots with it, and no other. */
class ForkedWorkerPool implements WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #devices: readonly PoolWorker[];
  readonly #changes = new EventEmitter();
  /** Spares that are no longer needed, but not done yet. */
  readonly #retiring = new Set<Promise<void>>();
  #spare: PoolWorker | null = null;
  #lastReady: InferenceReady | null = null;
  #slots = 1;
  #active = 0;
  /** Of spares that were no longer needed. */
  #formerRestarts = 0;
  #closed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    // Every window that waits for a worker listens.
    this.#changes.setMaxListeners(0);
    this.#devices = options.devices.map((device) => this.#createWorker(device));
    this.#onChange();
  }

  /** Resolves when all first starts are over. @throws what they failed with, where nothing is up. */
  async started(): Promise<void> {
    await Promise.all(this.#devices.map((worker) => worker.started));
    await this.#spare?.started;
    if (this.ready) return;
    const failed = [...this.#devices, ...(this.#spare ? [this.#spare] : [])];
    throw failed.at(-1)?.failure ?? new GatewayError('engine_unavailable');
  }

  get info(): EngineInfo {
    const worker = this.#up[0] ?? this.#workers[0];
    const names = this.#up.map(({ ready }) => ready?.device ?? 'cpu');
    const counted = [...new Set(names)].map((name) => {
      const count = names.filter((each) => each === name).length;
      return count > 1 ? `${count} × ${name}` : name;
    });
    return {
      model: worker?.model.name ?? this.#options.model.name,
      device: counted.join(', ') || (this.#lastReady?.device ?? 'cpu'),
      backend: (worker?.ready ?? this.#lastReady)?.backend ?? 'cpu',
    };
  }

  get whisperVersion(): string {
    return this.#lastReady?.whisperVersion ?? '';
  }

  get ready(): boolean {
    return this.#up.length > 0;
  }

  get slots(): number {
    return this.#slots;
  }

  get notes(): readonly string[] {
    const notes = this.#devices.flatMap((worker) => worker.notes);
    if (!this.#spare) return notes;
    const fallback = 'No GPU can be used, so inference runs on the CPU, which is slower.';
    return [fallback, ...notes, ...this.#spare.notes];
  }

  get restarts(): number {
    return this.#workers.reduce((sum, { restarts }) => sum + restarts, this.#formerRestarts);
  }

  get workerPids(): readonly number[] {
    return this.#up.flatMap(({ pid }) => pid ?? []);
  }

  get gpus(): readonly WorkerGpu[] {
    return this.#up.flatMap(({ gpu }) => gpu ?? []);
  }

  onSlotsChanged(listener: (slots: number) => void): void {
    this.#changes.on('slots', listener);
  }

  async transcribe(window: AudioWindow, signal: AbortSignal): Promise<Hypothesis> {
    checkWindow(window);
    if (this.#active >= this.slots) {
      throw new GatewayError('engine_unavailable', { message: 'Every slot is taken.' });
    }
    this.#active++;
    try {
      // Waiting for a worker's replacement here is what lets live work be retried at once.
      const worker = await firstAvailable({
        changes: this.#changes,
        pick: () => this.#reserve(),
        timeoutMs: this.#options.startTimeoutMs,
        signal,
      });
      return await worker.transcribe(window, signal);
    } finally {
      this.#active--;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#changes.emit('change');
    await Promise.all([...this.#workers.map((worker) => worker.close()), ...this.#retiring]);
  }

  get #workers(): readonly PoolWorker[] {
    return this.#spare ? [...this.#devices, this.#spare] : this.#devices;
  }

  get #up(): readonly PoolWorker[] {
    return this.#workers.filter(({ state }) => state === 'up');
  }

  #createWorker(device: PoolDevice): PoolWorker {
    return new PoolWorker(device, this.#options, () => this.#onChange());
  }

  /** A slot of the worker with the least to do; of two, of the one with more memory left. */
  #reserve(): PoolWorker | null {
    const [worker] = this.#workers
      .filter(({ free }) => free)
      .sort((a, b) => a.load - b.load || b.freeMemory - a.freeMemory);
    worker?.reserve();
    if (worker || this.#mayBeUpSoon()) return worker ?? null;
    const message = this.notes.join(' ');
    throw new GatewayError('engine_unavailable', message ? { message } : {});
  }

  #mayBeUpSoon(): boolean {
    const { startTimeoutMs } = this.#options;
    return (
      !this.#closed &&
      this.#workers.some(({ state, nextTryMs }) => state !== 'down' || nextTryMs < startTimeoutMs)
    );
  }

  #onChange(): void {
    // Called first by workers that are just being created.
    if (!this.#devices || this.#closed) return;
    this.#lastReady = this.#up[0]?.ready ?? this.#lastReady;
    this.#callSpare();
    const slots = Math.max(
      1,
      this.#workers.reduce((sum, worker) => sum + worker.slots, 0),
    );
    const changed = slots !== this.#slots;
    this.#slots = slots;
    if (changed) this.#changes.emit('slots', slots);
    this.#changes.emit('change');
  }

  /** Has the spare work while it is needed, and no longer. */
  #callSpare(): void {
    const { spare, hooks } = this.#options;
    const failure = this.#devices.find((worker) => worker.failure)?.failure;
    if (spare && !this.#spare && failure && this.#devices.every(({ state }) => state === 'down')) {
      this.#spare = this.#createWorker(spare);
      hooks?.onFallback?.(failure);
    } else if (this.#spare && this.#devices.some(({ state }) => state === 'up')) {
      const unneeded = this.#spare;
      // First of all: what follows comes back here.
      this.#spare = null;
      this.#formerRestarts += unneeded.restarts;
      const retiring = unneeded.retire().finally(() => this.#retiring.delete(retiring));
      this.#retiring.add(retiring);
    }
  }
}
