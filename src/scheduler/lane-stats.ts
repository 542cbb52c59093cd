import { type PerLane, perLane } from './lanes.js';
import type { LaneStats } from './scheduler.js';
import type { Task } from './task.js';
import type { WaitingTimes } from './waiting-times.js';

/**
 * What `/v1/stats` shows of every lane.
 * @param open Windows that were not answered yet.
 */
export function laneStats(
  open: Iterable<Task>,
  maxQueued: PerLane<number>,
  waits: PerLane<WaitingTimes>,
  now: number,
): PerLane<LaneStats> {
  const tasks = [...open];
  return perLane((lane) => {
    const inLane = tasks.filter((task) => task.lane === lane);
    const waiting = inLane.filter((task) => task.run === null);
    const longest = Math.max(0, ...waiting.map((task) => now - task.waitingSince));
    return {
      running: inLane.length - waiting.length,
      waiting: waiting.length,
      max_waiting: maxQueued[lane],
      longest_wait_ms: Math.round(longest),
      wait_ms: waits[lane].percentiles(),
    };
  });
}
