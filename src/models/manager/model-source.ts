import type { Engine } from '../../engine/index.js';

/** A speech model that requests may name. */
export interface AvailableModel {
  readonly name: string;
  /** When its file came, in milliseconds since 1970. */
  readonly since: number;
  /** 1 is English; null where nobody has said. */
  readonly languages: number | null;
}

/** An engine with one model. */
export interface OpenModel {
  readonly engine: Engine;
  /** Ends it, and frees its memory. Idempotent. Never rejects. */
  close(): Promise<void>;
}

/** A model that is about to be loaded. */
export interface PreparedModel {
  /** Roughly what it will take, in bytes, with all of its slots. */
  readonly memoryBytes: number;
  /**
   * @param signal Gives it up.
   * @throws GatewayError as `createWorkerPool`.
   */
  open(signal: AbortSignal): Promise<OpenModel>;
}

/** Where the manager's models come from. */
export interface ModelSource {
  /** Those that are here now. */
  list(): Promise<readonly AvailableModel[]>;
  /** Checks its file. @throws GatewayError `model_not_found` or `model_corrupt`. */
  prepare(name: string): Promise<PreparedModel>;
}
