import type { Lane } from '../engine/index.js';
import { GatewayError } from '../errors/index.js';
import { createLanes, type PerLane, perLane } from './lanes.js';
import type { Task } from './task.js';

export interface WaitingRoomOptions {
  readonly maxQueued: PerLane<number>;
  readonly maxPartialAgeMs: number;
  /** Something may start that could not before. */
  readonly onReady: () => void;
}

/** Every window that waits: for a slot, or for its next try. */
export class WaitingRoom {
  readonly #options: WaitingRoomOptions;
  readonly #lanes = createLanes<Task>();
  /** The one partial that a session may have waiting. */
  readonly #partials = new Map<string, Task>();
  readonly #retrying = new Set<Task>();

  constructor(options: WaitingRoomOptions) {
    this.#options = options;
  }

  /** How many could start now. */
  get ready(): PerLane<number> {
    return perLane((lane) => this.#lanes[lane].size);
  }

  /** Those between two tries included. */
  get waiting(): PerLane<number> {
    return perLane((lane) => this.#waitingIn(lane));
  }

  /** Gives a new window its place or refuses it, and ends what it makes pointless. */
  admit(task: Task): void {
    const { lane, sessionId } = task;
    const older = lane === 'batch' ? undefined : this.#partials.get(sessionId);
    const replaced = older && lane === 'partial' && this.#lanes.partial.replace(older, task);
    older?.settle(new GatewayError('superseded'));
    if (replaced) {
      task.waitingSince = older.waitingSince;
    } else {
      const limit = this.#options.maxQueued[lane];
      if (this.#waitingIn(lane) >= limit) {
        const message = `Too much work is waiting: ${limit} windows in the ${lane} lane.`;
        task.settle(new GatewayError('queue_full', { message }));
        return;
      }
      this.#lanes[lane].push(task);
    }
    if (lane === 'partial') this.#watchAge(task);
    this.#options.onReady();
  }

  /** Takes a failed window back, for its next try after `delayMs`. */
  retry(task: Task, delayMs: number): void {
    const again = () => {
      this.#retrying.delete(task);
      this.#lanes[task.lane].pushFirst(task);
      this.#options.onReady();
    };
    // Without the detour over a timer, so that no less urgent window gets the slot in between.
    if (delayMs === 0) return again();
    this.#retrying.add(task);
    task.timer = setTimeout(again, delayMs);
  }

  /** Takes a window back that made way: for live work, and it is the next of its lane, or in its lane. */
  putBack(task: Task, madeWayFor: 'live' | 'newcomer'): void {
    const lane = this.#lanes[task.lane];
    if (madeWayFor === 'live') lane.putBack(task);
    else lane.giveWay(task);
  }

  peek(lane: Lane): Task | undefined {
    return this.#lanes[lane].peek();
  }

  take(lane: Lane): Task | undefined {
    const task = this.#lanes[lane].take();
    if (task) this.#leave(task);
    return task;
  }

  /** Takes a task out, wherever it is. */
  remove(task: Task): void {
    this.#retrying.delete(task);
    this.#lanes[task.lane].remove(task);
    this.#leave(task);
  }

  #waitingIn(lane: Lane): number {
    const retrying = [...this.#retrying].filter((task) => task.lane === lane);
    return this.#lanes[lane].size + retrying.length;
  }

  /** A preview of what was said long ago helps nobody, and keeps its session from asking anew. */
  #watchAge(task: Task): void {
    this.#partials.set(task.sessionId, task);
    const stale = () => task.settle(new GatewayError('stale'));
    task.timer = setTimeout(stale, this.#options.maxPartialAgeMs);
  }

  #leave(task: Task): void {
    clearTimeout(task.timer);
    if (this.#partials.get(task.sessionId) === task) this.#partials.delete(task.sessionId);
  }
}
