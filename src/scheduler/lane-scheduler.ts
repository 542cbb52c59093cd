import { setMaxListeners } from 'node:events';
import type { Hypothesis } from '../engine/index.js';
import { GatewayError } from '../errors/index.js';
import { laneStats } from './lane-stats.js';
import { retryDelayMs } from './retry-policy.js';
import type {
  Scheduler,
  SchedulerOptions,
  SchedulerStats,
  SlotSetting,
  Work,
} from './scheduler.js';
import { Slots } from './slots.js';
import { Tally } from './tally.js';
import { createTask, type Run, type Task } from './task.js';
import { WaitingRoom } from './waiting-room.js';

export function createScheduler(options: SchedulerOptions): Scheduler {
  return new LaneScheduler(options);
}

class LaneScheduler implements Scheduler {
  readonly #options: SchedulerOptions;
  readonly #now: () => number;
  readonly #tally: Tally;
  /** Every window that was not answered yet. */
  readonly #open = new Set<Task>();
  readonly #room: WaitingRoom;
  readonly #slots: Slots;
  #closed = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#tally = new Tally(options.hooks ?? {});
    this.#room = new WaitingRoom({ ...options, onReady: () => this.#slots.assignSoon() });
    this.#slots = new Slots({
      engine: options.engine,
      now: this.#now,
      room: this.#room,
      tally: this.#tally,
      onFailed: (run, error) => this.#failed(run, error),
    });
  }

  get slots(): SlotSetting {
    return this.#slots.setting;
  }

  set slots(slots: SlotSetting) {
    this.#slots.setting = slots;
  }

  get concurrency(): number {
    return this.#slots.concurrency;
  }

  get active(): number {
    return this.#slots.taken;
  }

  get waiting() {
    return this.#room.waiting;
  }

  get stats(): SchedulerStats {
    return {
      max_concurrent: this.concurrency,
      active_tasks: this.active,
      ...this.#tally.totals,
      slots: this.slots,
      lanes: laneStats(this.#open, this.#options.maxQueued, this.#tally.waits, this.#now()),
    };
  }

  submit(work: Work): Promise<Hypothesis> {
    const { signal, weight = 1 } = work;
    if (this.#closed) return Promise.reject(new GatewayError('server_draining'));
    if (signal?.aborted) return Promise.reject(new GatewayError('cancelled'));
    if (!(weight > 0)) return Promise.reject(new GatewayError('invalid_argument'));
    return new Promise((resolve, reject) => {
      const cancel = () => task.settle(new GatewayError('cancelled'));
      const task = createTask(work, this.#now(), (result) => {
        signal?.removeEventListener('abort', cancel);
        this.#settled(task, result);
        if (result instanceof GatewayError) reject(result);
        else resolve(result);
      });
      // One signal may cancel all windows of a file: that many listeners are no leak.
      if (signal) setMaxListeners(0, signal);
      signal?.addEventListener('abort', cancel, { once: true });
      this.#open.add(task);
      this.#tally.queued(task);
      this.#room.admit(task);
      if (task.lane === 'final') this.#slots.endOutdated(task.sessionId);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const task of this.#open) task.settle(new GatewayError('server_draining'));
    await this.#slots.close();
  }

  #failed(run: Run, error: GatewayError): void {
    const { task } = run;
    // Its caller was answered long ago: what the engine says to the abort concerns nobody.
    if (task.settled) return;
    const now = this.#now();
    task.run = null;
    task.inferenceMs = now - run.startedAt;
    if (run.preemptedFor) return this.#room.putBack(task, run.preemptedFor);
    task.failures++;
    const { retry, random = Math.random } = this.#options;
    const tryAgain = () => retryDelayMs(retry[task.lane], task.failures, random());
    const delayMs = error.retryable ? tryAgain() : null;
    this.#tally.failed(task, error.code, delayMs);
    if (delayMs === null) task.settle(error);
    else this.#room.retry(task, delayMs);
  }

  /** A task was answered: it is taken out of wherever it is, and aborted where it runs. */
  #settled(task: Task, result: Hypothesis | GatewayError): void {
    this.#tally.settled(task, result, this.#now());
    this.#open.delete(task);
    this.#room.remove(task);
    task.run?.abort.abort();
  }
}
