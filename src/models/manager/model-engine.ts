import type { AudioWindow, Engine, EngineInfo, Hypothesis, WorkerGpu } from '../../engine/index.js';
import type { ModelManager } from './model-manager.js';

/**
 * All models as one engine: a window goes to the one that it names, or to the default. The slots are
 * shared, since the models share the machine (docs/adr/0010).
 */
export class ModelEngine implements Engine {
  readonly #manager: ModelManager;
  readonly #listeners: ((slots: number) => void)[] = [];
  /** Of the default when it was last loaded. */
  #info: EngineInfo | null = null;
  /** Of what was last loaded. */
  #slots = 1;

  constructor(manager: ModelManager) {
    this.#manager = manager;
    manager.changes.on('change', () => this.#onChange());
  }

  /** Of the default. */
  get info(): EngineInfo {
    const { defaultModel } = this.#manager;
    const now = this.#manager.engineOf()?.info;
    return now ?? { device: 'cpu', backend: 'cpu', ...this.#info, model: defaultModel };
  }

  /** A default that was unloaded is loaded again by whoever asks for it. */
  get ready(): boolean {
    return !this.#manager.closed && (this.#manager.engineOf()?.ready ?? true);
  }

  /**
   * As many as the model with the fewest has, so that there is one for whichever windows are next. A
   * model whose workers are all down does not count: it would hold the others up.
   */
  get slots(): number {
    const { engines } = this.#manager;
    const able = engines.filter(({ ready }) => ready);
    const counted = able.length > 0 ? able : engines;
    return counted.length > 0 ? Math.min(...counted.map(({ slots }) => slots)) : this.#slots;
  }

  get restarts(): number {
    return this.#manager.restarts;
  }

  get workerPids(): readonly number[] {
    return this.#manager.engines.flatMap(({ workerPids }) => workerPids);
  }

  /** Each once, however many models are on it. */
  get gpus(): readonly WorkerGpu[] {
    const all = this.#manager.engines.flatMap(({ gpus }) => gpus);
    return [...new Map(all.map((gpu) => [gpu.gpu, gpu])).values()];
  }

  get notes(): readonly string[] {
    return [...new Set(this.#manager.engines.flatMap(({ notes }) => notes))];
  }

  onSlotsChanged(listener: (slots: number) => void): void {
    this.#listeners.push(listener);
  }

  async transcribe(window: AudioWindow, signal: AbortSignal): Promise<Hypothesis> {
    // Who names a model keeps it loaded. Others need the default for as long as this takes.
    const named = window.model === undefined ? null : this.#manager.engineOf(window.model);
    if (named) return await named.transcribe(window, signal);
    const { engine, release } = await this.#manager.lease(window.model, { signal });
    try {
      return await engine.transcribe(window, signal);
    } finally {
      release();
    }
  }

  close(): Promise<void> {
    return this.#manager.close();
  }

  #onChange(): void {
    this.#info = this.#manager.engineOf()?.info ?? this.#info;
    this.#slots = this.slots;
    for (const listener of this.#listeners) listener(this.#slots);
  }
}
