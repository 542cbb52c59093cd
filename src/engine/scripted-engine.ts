import { GatewayError } from '../errors/index.js';
import { checkWindow } from './check-window.js';
import type { AudioWindow, Engine, EngineInfo, Hypothesis, WorkerGpu } from './engine.js';
import { pause } from './pause.js';

type Answer = Hypothesis | GatewayError;

/** What the engine "understands" of a window; `index` counts windows from 0 as they arrive. */
export type Script = (window: AudioWindow, index: number) => Answer | Promise<Answer>;

export interface ScriptedEngineOptions {
  readonly script: Script;
  /** @default 1 */
  readonly slots?: number;
  /** Milliseconds that a window takes. @default 0 */
  readonly latencyMs?: number | ((window: AudioWindow, index: number) => number);
  /** Begins with every window held until `release`. @default false */
  readonly held?: boolean;
}

/**
 * An engine without a model, for tests of timing and order: a function says what each window comes
 * to, and windows take a given time, or until the test lets them go. It keeps the contract of
 * `Engine` in all else, slots and aborts included.
 *
 * @example
 * const engine = new ScriptedEngine({ script: (window) => spokenThrough(window, 'hello'), held: true });
 * const heard = engine.transcribe(window, signal);
 * await engine.arrived(1);
 * engine.release();
 * await heard;
 */
export class ScriptedEngine implements Engine {
  readonly info: EngineInfo = { model: 'scripted', device: 'cpu', backend: 'scripted' };
  readonly notes: readonly string[] = [];
  readonly restarts = 0;
  readonly workerPids: readonly number[] = [];
  readonly gpus: readonly WorkerGpu[] = [];
  /** Every window so far, in order of arrival. */
  readonly windows: AudioWindow[] = [];
  readonly #options: ScriptedEngineOptions;
  readonly #running = new Set<AbortController>();
  /** Lets held windows go, the oldest first. */
  readonly #holds = new Set<() => void>();
  readonly #arrivals: { count: number; resolve: () => void }[] = [];
  readonly #slotsListeners: ((slots: number) => void)[] = [];
  #slots: number;
  #held: boolean;
  #ready = true;
  #mostActive = 0;
  #closed = false;

  constructor(options: ScriptedEngineOptions) {
    this.#options = options;
    this.#held = options.held ?? false;
    this.#slots = options.slots ?? 1;
  }

  get ready(): boolean {
    return this.#ready && !this.#closed;
  }

  /** False plays an engine whose worker is down: windows are refused with `engine_unavailable`. */
  set ready(ready: boolean) {
    this.#ready = ready;
  }

  get slots(): number {
    return this.#slots;
  }

  /** Plays an engine that loses workers, or gets them back. */
  set slots(slots: number) {
    this.#slots = slots;
    for (const listener of this.#slotsListeners) listener(slots);
  }

  onSlotsChanged(listener: (slots: number) => void): void {
    this.#slotsListeners.push(listener);
  }

  /** Windows that run now. */
  get active(): number {
    return this.#running.size;
  }

  /** The most windows that ever ran at the same time. */
  get mostActive(): number {
    return this.#mostActive;
  }

  /** From now on windows wait for `release`. */
  hold(): void {
    this.#held = true;
  }

  /** Lets the oldest `count` held windows go; without a count all of them, and those to come. */
  release(count?: number): void {
    if (count === undefined) this.#held = false;
    for (const letGo of [...this.#holds].slice(0, count)) letGo();
  }

  /** Resolves once `count` windows have arrived in all. */
  arrived(count: number): Promise<void> {
    if (this.windows.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#arrivals.push({ count, resolve }));
  }

  async transcribe(window: AudioWindow, signal: AbortSignal): Promise<Hypothesis> {
    checkWindow(window);
    if (!this.ready) throw new GatewayError('engine_unavailable');
    if (signal.aborted) throw new GatewayError('cancelled');
    if (this.active >= this.slots) {
      throw new GatewayError('engine_unavailable', { message: 'Every slot is taken.' });
    }
    const index = this.#arrive(window);
    const run = new AbortController();
    const cancel = () => run.abort(new GatewayError('cancelled'));
    signal.addEventListener('abort', cancel);
    this.#running.add(run);
    this.#mostActive = Math.max(this.#mostActive, this.active);
    try {
      return await Promise.race([this.#answer(window, index, run.signal), rejection(run.signal)]);
    } finally {
      signal.removeEventListener('abort', cancel);
      this.#running.delete(run);
      // Ends what is left of the race, so that no hold or timer outlives its window.
      run.abort();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const run of this.#running) run.abort(new GatewayError('engine_unavailable'));
  }

  #arrive(window: AudioWindow): number {
    const index = this.windows.push(window) - 1;
    for (const { count, resolve } of this.#arrivals) if (this.windows.length >= count) resolve();
    return index;
  }

  async #answer(window: AudioWindow, index: number, signal: AbortSignal): Promise<Hypothesis> {
    const { script, latencyMs = 0 } = this.#options;
    const takesMs = typeof latencyMs === 'number' ? latencyMs : latencyMs(window, index);
    if (this.#held) await this.#untilReleased(signal);
    if (takesMs > 0) await pause(takesMs, signal);
    const answer = await script(window, index);
    if (answer instanceof GatewayError) throw answer;
    return answer;
  }

  #untilReleased(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const letGo = () => {
        this.#holds.delete(letGo);
        resolve();
      };
      this.#holds.add(letGo);
      signal.addEventListener('abort', () => this.#holds.delete(letGo));
    });
  }
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}
