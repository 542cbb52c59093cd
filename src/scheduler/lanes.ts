import type { Lane } from '../engine/index.js';
import { createFairQueue, type FairQueue, type Share } from './fair-queue.js';

/** All lanes, the most urgent one first. */
export const lanesByUrgency = ['final', 'partial', 'batch'] as const satisfies readonly Lane[];

/** One value a lane. */
export type PerLane<T> = Readonly<Record<Lane, T>>;

export function perLane<T>(make: (lane: Lane) => T): PerLane<T> {
  return { final: make('final'), partial: make('partial'), batch: make('batch') };
}

/** Everything that waits for a slot, each lane fair in itself. No time, no promises. */
export type Lanes<T extends Share> = PerLane<FairQueue<T>>;

export function createLanes<T extends Share>(): Lanes<T> {
  return perLane(() => createFairQueue<T>());
}
