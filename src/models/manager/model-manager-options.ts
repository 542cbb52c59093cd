import type { GatewayError } from '../../errors/index.js';
import type { UnloadReason } from './loaded-model.js';
import type { MemoryBudget } from './memory-budget.js';
import type { Switched } from './model-lease.js';
import type { ModelSource } from './model-source.js';

/** What happens to models, for logs and metrics. Times in milliseconds. */
export interface ModelManagerHooks {
  onLoaded?(event: { model: string; tookMs: number; error: GatewayError | null }): void;
  onUnloaded?(event: { model: string; reason: UnloadReason }): void;
  onSwitched?(event: Switched): void;
}

export interface ModelManagerOptions {
  /** What is loaded where nobody names a model. */
  readonly defaultModel: string;
  readonly source: ModelSource;
  readonly budget: MemoryBudget;
  /** How long a model stays after its last user has left; 0 for ever, as long as there is memory. */
  readonly idleMs: number;
  /** Whether the default model stays, whatever others need. */
  readonly keepDefault: boolean;
  readonly hooks?: ModelManagerHooks;
}
