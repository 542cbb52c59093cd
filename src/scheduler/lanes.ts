import type { Lane } from '../engine/index.js';
import { createFairQueue } from './fair-queue.js';

/** All lanes, the most urgent one first. */
export const lanesByUrgency = ['final', 'partial', 'batch'] as const satisfies readonly Lane[];

/** What waits in a lane. `key` names whom it takes its turn for. */
interface Waiting {
  readonly lane: Lane;
  readonly key: string;
}

/**
 * Everything that waits for a slot. `take()` empties the `final` lane before `partial`, and that
 * before `batch`; within a lane keys take turns. A pure data structure: no time, no promises.
 */
export interface Lanes<T extends Waiting> {
  readonly size: number;
  sizeOf(lane: Lane): number;
  push(item: T): void;
  /** Ahead of what its key has waiting in that lane. */
  pushFirst(item: T): void;
  /** `item` inherits the place of `old`. False where `old` does not wait or has another lane or key. */
  replace(old: T, item: T): boolean;
  /** False where the item does not wait. */
  remove(item: T): boolean;
  /** The next one of the most urgent lane, or of `lane` alone. */
  take(lane?: Lane): T | undefined;
}

export function createLanes<T extends Waiting>(): Lanes<T> {
  const queues = {
    final: createFairQueue<T>(),
    partial: createFairQueue<T>(),
    batch: createFairQueue<T>(),
  };

  return {
    get size() {
      return lanesByUrgency.reduce((sum, lane) => sum + queues[lane].size, 0);
    },
    sizeOf: (lane) => queues[lane].size,
    push: (item) => queues[item.lane].push(item.key, item),
    pushFirst: (item) => queues[item.lane].pushFirst(item.key, item),
    replace: (old, item) =>
      old.lane === item.lane &&
      old.key === item.key &&
      queues[old.lane].replace(old.key, old, item),
    remove: (item) => queues[item.lane].remove(item.key, item),
    take(lane) {
      if (lane) return queues[lane].take();
      return queues[lanesByUrgency.find((each) => queues[each].size > 0) ?? 'batch'].take();
    },
  };
}
