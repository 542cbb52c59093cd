import { EventEmitter } from 'node:events';
import type { Engine } from '../../engine/index.js';
import { GatewayError } from '../../errors/index.js';
import { modelNotFound } from '../model-not-found.js';
import { LoadedModel } from './loaded-model.js';
import type { ModelLease, ModelStatus, Switched } from './model-lease.js';
import type { ModelManagerOptions } from './model-manager-options.js';
import type { AvailableModel } from './model-source.js';
import { unlessAborted } from './unless-aborted.js';

/** The name by which OpenAI's clients ask for whatever is the default. */
export const defaultAlias = 'whisper-1';

/**
 * The models that are loaded, and who uses them: loads what is asked for, makes another model the
 * default while sessions go on with theirs, and unloads what nobody needs.
 */
export class ModelManager {
  /** Emits `change` whenever a model is loaded or unloaded, or has other slots. */
  readonly changes = new EventEmitter();
  readonly #options: ModelManagerOptions;
  readonly #models = new Map<string, LoadedModel>();
  /** Former defaults, which leave with their last users. */
  readonly #former = new Set<string>();
  readonly #leaving = new Set<Promise<void>>();
  #default: string;
  /** While another model takes the default's place, that one may make way for it. */
  #makesWay = false;
  #switching: Promise<unknown> = Promise.resolve();
  #switches = 0;
  /** Of models that were unloaded. */
  #formerRestarts = 0;
  #closed = false;

  constructor(options: ModelManagerOptions) {
    this.#options = options;
    this.#default = options.defaultModel;
  }

  get defaultModel(): string {
    return this.#default;
  }

  /** How often another model was made the default. */
  get switches(): number {
    return this.#switches;
  }

  /** How often a worker of any model had to be replaced. */
  get restarts(): number {
    return this.engines.reduce((sum, { restarts }) => sum + restarts, this.#formerRestarts);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Those that are loaded, and those that soon will be. */
  get status(): readonly ModelStatus[] {
    return [...this.#models.values()].map(({ status }) => status);
  }

  /** Those that can be asked for, loaded or not. */
  available(): Promise<readonly AvailableModel[]> {
    return this.#options.source.list();
  }

  /** The engines of those that are loaded, the default's first. */
  get engines(): readonly Engine[] {
    const first = this.engineOf();
    const all = [...this.#models.values()].map(({ engine }) => engine);
    return [...new Set([first, ...all])].filter((engine) => engine !== null);
  }

  /** The engine that would work for this name now; null where its model is not loaded. */
  engineOf(asked?: string): Engine | null {
    return this.#models.get(this.#nameOf(asked))?.engine ?? null;
  }

  /**
   * Keeps a model loaded until it is released, and loads it first where it is not; however many ask
   * for it meanwhile, it is loaded once.
   * @param asked A name of the source's list; without one, or as `whisper-1`, the default.
   * @param onLoading Called where it takes no work yet.
   * @throws GatewayError `model_not_found` with the names that there are, `memory_budget_exceeded`,
   *   `model_too_large`, what its source and its engine fail with, `cancelled`, `engine_unavailable`.
   */
  async lease(
    asked?: string,
    options: { signal?: AbortSignal; onLoading?: (model: string) => void } = {},
  ): Promise<ModelLease> {
    const { signal, onLoading } = options;
    const name = this.#nameOf(asked);
    if (!this.#models.has(name) && name !== this.#default) await this.#assertHere(name);
    if (this.#closed) throw new GatewayError('engine_unavailable');
    const model = this.#models.get(name) ?? this.#load(name);
    const release = model.use();
    try {
      if (!model.engine?.ready) onLoading?.(name);
      const engine = model.engine ?? (await unlessAborted(model.opened, signal));
      return { model: name, engine, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /**
   * Makes another model the default, once it is loaded. Who uses the former one goes on with it; when
   * the last of them has left it is unloaded.
   * @throws GatewayError as `lease`; the default is the same as before then.
   */
  switchTo(asked: string): Promise<Switched> {
    const switched = this.#switching.then(() => this.#switchTo(asked));
    this.#switching = switched.catch(() => {});
    return switched;
  }

  /**
   * Unloads a model that nobody uses; resolves when its memory is free.
   * @returns Whether it was loaded.
   * @throws GatewayError `model_in_use`; `model_not_found` with the names that there are.
   */
  async unload(asked: string): Promise<boolean> {
    const name = this.#nameOf(asked);
    const model = this.#models.get(name);
    if (!model) {
      await this.#assertHere(name);
      return false;
    }
    if (model.idleSince === null) throw modelInUse(model.status);
    await model.unload('request');
    return true;
  }

  /** Ends every model. Idempotent. Never rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const model of [...this.#models.values()]) void model.unload('closed');
    await Promise.all(this.#leaving);
  }

  /** @param asked Where it is none, the default. */
  #nameOf(asked?: string): string {
    return asked === undefined || asked === defaultAlias ? this.#default : asked;
  }

  async #assertHere(name: string): Promise<void> {
    const names = (await this.available()).map((model) => model.name);
    if (!names.includes(name)) throw modelNotFound(name, [...names, defaultAlias]);
  }

  #load(name: string): LoadedModel {
    const { source, budget, idleMs, keepDefault, hooks } = this.#options;
    const isDefault = () => name === this.#default;
    const gone = () => {
      this.#models.delete(name);
      this.#former.delete(name);
      this.changes.emit('change');
    };
    const model = new LoadedModel(name, {
      source,
      budget,
      isDefault,
      stays: () => isDefault() && keepDefault && !this.#makesWay,
      idleMs: () => (this.#former.has(name) ? 0 : idleMs || Number.POSITIVE_INFINITY),
      onLoaded: (engine, tookMs) => {
        engine.onSlotsChanged(() => this.changes.emit('change'));
        this.changes.emit('change');
        hooks?.onLoaded?.({ model: name, tookMs, error: null });
      },
      onFailed: (error, tookMs) => {
        gone();
        hooks?.onLoaded?.({ model: name, tookMs, error });
      },
      onUnload: (reason, ended) => {
        gone();
        this.#formerRestarts += model.engine?.restarts ?? 0;
        this.#leaving.add(ended);
        void ended.then(() => this.#leaving.delete(ended));
        hooks?.onUnloaded?.({ model: name, reason });
      },
    });
    this.#models.set(name, model);
    return model;
  }

  async #switchTo(asked: string): Promise<Switched> {
    const startedAt = performance.now();
    const from = this.#default;
    const lease = await this.#leaseInPlaceOf(from, asked);
    const to = lease.model;
    this.#default = to;
    this.#former.delete(to);
    if (from !== to && this.#models.has(from)) this.#former.add(from);
    lease.release();
    this.#models.get(from)?.reconsider();
    this.changes.emit('change');
    const switched = { from, to, tookMs: performance.now() - startedAt };
    if (from === to) return switched;
    this.#switches++;
    this.#options.hooks?.onSwitched?.(switched);
    return switched;
  }

  async #leaseInPlaceOf(from: string, asked: string): Promise<ModelLease> {
    const wasLoaded = this.#models.has(from);
    this.#makesWay = true;
    try {
      return await this.lease(asked);
    } catch (error) {
      // It may have made way in vain.
      if (wasLoaded && !this.#models.has(from) && !this.#closed) this.#load(from);
      throw error;
    } finally {
      this.#makesWay = false;
    }
  }
}

function modelInUse({ name, users }: ModelStatus): GatewayError {
  const message =
    users > 0
      ? `${name} cannot be unloaded: sessions or files use it (${users}).`
      : `${name} cannot be unloaded: it is the default, which stays loaded.`;
  return new GatewayError('model_in_use', { message });
}
