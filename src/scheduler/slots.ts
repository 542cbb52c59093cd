import { GatewayError } from '../errors/index.js';
import { createRecent } from './recent.js';
import type { SlotSetting, SlottedEngine } from './scheduler.js';
import {
  idleBeforeWornMs,
  isWorn,
  nextLane,
  sparedUntil,
  toPreempt,
  toPreemptForNewcomer,
} from './slot-policy.js';
import type { Tally } from './tally.js';
import { createRun, type Run, type Task } from './task.js';
import type { WaitingRoom } from './waiting-room.js';

/** A session that had its last slot before so many others is new again. */
const rememberedSessions = 1_000;

export interface SlotsOptions {
  readonly engine: SlottedEngine;
  readonly now: () => number;
  readonly room: WaitingRoom;
  readonly tally: Tally;
  /** The engine failed on a window, or was told to stop; its slot is free after the call. */
  readonly onFailed: (run: Run, error: GatewayError) => void;
}

/** The slots of the engine: gives them to what waits, and takes them from what can. */
export class Slots {
  readonly #options: SlotsOptions;
  /** In order of their start; until the inference has ended, even where its caller was answered before. */
  readonly #running = new Set<Run>();
  /** Sessions whose batch work had a slot before. */
  readonly #served = createRecent(rememberedSessions);
  #setting: SlotSetting = 'auto';
  #assigning = false;
  /** When the last live window left its slot. */
  #liveAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SlotsOptions) {
    this.#options = options;
    options.engine.onSlotsChanged?.(() => this.assignSoon());
  }

  get setting(): SlotSetting {
    return this.#setting;
  }

  set setting(setting: SlotSetting) {
    this.#setting = setting;
    this.assignSoon();
  }

  get concurrency(): number {
    const { slots } = this.#options.engine;
    return this.#setting === 'auto' ? slots : Math.min(this.#setting, slots);
  }

  get taken(): number {
    return this.#running.size;
  }

  /** In a microtask, so that windows submitted together start in order of urgency. */
  assignSoon(): void {
    if (this.#assigning) return;
    this.#assigning = true;
    queueMicrotask(() => {
      this.#assigning = false;
      this.#assign();
    });
  }

  /** Where no slot is free, the first that a final ends is its own preview, which it says better. */
  endOutdated(sessionId: string): void {
    if (this.taken < this.concurrency) return;
    for (const { task } of this.#running) {
      if (task.lane !== 'partial' || task.sessionId !== sessionId) continue;
      task.settle(new GatewayError('superseded'));
    }
  }

  /** Resolves once nothing runs; what runs is aborted by whoever settles it. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await Promise.all([...this.#running].map((run) => run.ended));
  }

  /** Fills the free slots; where there are too few, makes room for the most urgent. */
  #assign(): void {
    const { now, room } = this.#options;
    for (let task = this.#next(); task; task = this.#next()) this.#start(task);
    for (const run of toPreempt(this.concurrency, [...this.#running], room.ready, now())) {
      this.#preempt(run, 'live');
    }
    if (room.ready.final > 0) this.#assignAt(sparedUntil([...this.#running], now()));
    const first = room.peek('batch');
    if (!first || this.#served.has(first.sessionId)) return;
    const running = [...this.#running];
    const run = toPreemptForNewcomer(this.concurrency, running, room.ready, first.seconds);
    if (run) this.#preempt(run, 'newcomer');
  }

  #next(): Task | undefined {
    const { room } = this.#options;
    const lane = nextLane(this.concurrency, [...this.#running], room.ready);
    if (lane === null || (lane === 'batch' && !this.#isQuiet())) return undefined;
    return room.take(lane);
  }

  /** Whether batch may start; a worn window on the only slot has to wait for a pause in live work. */
  #isQuiet(): boolean {
    const { now, room } = this.#options;
    const first = room.peek('batch');
    if (!first || this.concurrency > 1 || !isWorn(first)) return true;
    const quietAt = this.#liveAt + idleBeforeWornMs;
    if (quietAt <= now()) return true;
    this.#assignAt(quietAt);
    return false;
  }

  /** Looks again at that time, where nothing else is a reason to do so before. */
  #assignAt(time: number | null): void {
    if (time === null) return;
    clearTimeout(this.#timer);
    const waitMs = Math.max(0, Math.ceil(time - this.#options.now()));
    this.#timer = setTimeout(() => this.assignSoon(), waitMs);
  }

  #start(task: Task): void {
    const { now, tally } = this.#options;
    if (task.lane === 'batch') this.#served.add(task.sessionId);
    const run = createRun(task, now());
    task.run = run;
    if (task.queueMs === null) {
      task.queueMs = run.startedAt - task.waitingSince;
      tally.started(task, task.queueMs);
    }
    this.#running.add(run);
    run.ended = this.#transcribe(run);
  }

  /** Never rejects; resolves when the slot is free. */
  async #transcribe(run: Run): Promise<void> {
    const { engine, now, onFailed } = this.#options;
    const { task } = run;
    task.onStarted?.();
    try {
      const { window, failures } = task;
      task.settle(await engine.transcribe({ ...window, failures }, run.abort.signal));
    } catch (error) {
      onFailed(run, GatewayError.from(error));
    }
    this.#running.delete(run);
    if (task.lane !== 'batch') this.#liveAt = now();
    this.assignSoon();
  }

  #preempt(run: Run, madeWayFor: 'live' | 'newcomer'): void {
    const { now, tally } = this.#options;
    const { task } = run;
    tally.preempted(task, now() - run.startedAt);
    task.preemptions++;
    run.preemptedFor = madeWayFor;
    run.abort.abort();
    if (task.lane === 'partial') task.settle(new GatewayError('superseded'));
  }
}
