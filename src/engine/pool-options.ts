import type { GatewayError } from '../errors/index.js';
import type { BreakerPolicy } from './circuit-breaker.js';
import type { MemoryStep } from './memory-ladder.js';
import type { OnLog } from './messages.js';

/** Something that inference can run on. */
export interface PoolDevice {
  /** Index among the GPUs that the addon sees, or null for the CPU. */
  readonly gpu: number | null;
  readonly addonPath: string;
  /** Inferences at the same time. */
  readonly slots: number;
  /** Never on the CPU; see docs/adr/0002. @default false */
  readonly flashAttention?: boolean;
}

/** A model file, and its name for people. */
export interface PoolModel {
  readonly name: string;
  readonly path: string;
}

/** What happens to the workers, for logs and metrics. */
export interface PoolHooks {
  /** A worker died, or could not be started, and will be replaced. */
  onRestart?(error: GatewayError, worker: string): void;
  /** Memory ran out and something was given up, or it was quiet and that was taken back. */
  onMemoryStep?(event: {
    worker: string;
    step: MemoryStep;
    direction: 'down' | 'up';
    note: string;
  }): void;
  /** A worker failed too often, or in a way that does not heal by itself: it is left for a while. */
  onOpen?(error: GatewayError, worker: string, pauseMs: number): void;
}

/** What all workers of a pool share. */
export interface PoolWorkerOptions {
  readonly model: PoolModel;
  /** Takes the model's place where memory is short. */
  readonly fallbackModel?: PoolModel | undefined;
  /** Threads of one inference on the CPU; 0 shares the cores among those that run. */
  readonly threads: number;
  readonly cores: number;
  readonly startTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly liveTimeoutMs: number;
  readonly abortTimeoutMs?: number | undefined;
  readonly memoryQuietMs: number;
  readonly breaker?: BreakerPolicy | undefined;
  readonly onLog?: OnLog | undefined;
  readonly hooks?: PoolHooks | undefined;
}

export interface WorkerPoolHooks extends PoolHooks {
  /** Nothing else can be used, so the spare is. */
  onFallback?(error: GatewayError): void;
}

export interface WorkerPoolOptions extends PoolWorkerOptions {
  /** A worker on each of them; at least one. */
  readonly devices: readonly PoolDevice[];
  /** Used only while none of `devices` can be: the CPU, where those are GPUs. */
  readonly spare?: PoolDevice | undefined;
  /** Gives the start up. */
  readonly signal?: AbortSignal | undefined;
  readonly hooks?: WorkerPoolHooks | undefined;
}
