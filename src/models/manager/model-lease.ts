import type { Engine, EngineInfo } from '../../engine/index.js';

/** A model that stays loaded for somebody. */
export interface ModelLease {
  /** The name to put on windows. */
  readonly model: string;
  readonly engine: Engine;
  /** Idempotent. */
  release(): void;
}

/** Keeps a model loaded; see `ModelManager.lease`. */
export type LeaseModel = (
  asked?: string,
  options?: { signal?: AbortSignal; onLoading?: (model: string) => void },
) => Promise<ModelLease>;

/** A model that is loaded, or is being loaded. */
export interface ModelStatus {
  readonly name: string;
  /** What it runs on; null until it is loaded. */
  readonly info: EngineInfo | null;
  readonly isDefault: boolean;
  /** Sessions and files that use it or wait for it. */
  readonly users: number;
  /** Roughly what it takes. */
  readonly memoryBytes: number;
  /** How long nobody has used it; null while somebody does, or where it stays anyway. */
  readonly idleMs: number | null;
}

/** Another model was made the default. */
export interface Switched {
  readonly from: string;
  readonly to: string;
  /** From the request until new sessions had the model. */
  readonly tookMs: number;
}
