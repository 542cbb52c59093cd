import type { Hypothesis } from '../engine/index.js';
import { type ErrorCode, GatewayError } from '../errors/index.js';
import { type PerLane, perLane } from './lanes.js';
import type { SchedulerHooks } from './scheduler.js';
import type { Task } from './task.js';
import { createWaitingTimes, type WaitingTimes } from './waiting-times.js';

/**
 * How long a window may wait for its first slot before it counts as late. Whoever reads along
 * notices a second; a file has time.
 */
const deadlinesMs: PerLane<number> = { final: 1_000, partial: 1_000, batch: 60_000 };

/** Given up on purpose, so neither done nor failed. */
const onPurpose: readonly ErrorCode[] = ['cancelled', 'superseded', 'stale'];

/** Counts what becomes of windows, and tells the hooks. */
export class Tally {
  readonly waits: PerLane<WaitingTimes> = perLane(createWaitingTimes);
  readonly #hooks: SchedulerHooks;
  #total = 0;
  #done = 0;
  #failed = 0;
  #outOfMemory = 0;

  constructor(hooks: SchedulerHooks) {
    this.#hooks = hooks;
  }

  get totals() {
    const ended = this.#done + this.#failed;
    return {
      total_tasks: this.#total,
      failed_tasks: this.#failed,
      oom_errors: this.#outOfMemory,
      success_rate: ended === 0 ? 1 : this.#done / ended,
    };
  }

  queued({ lane }: Task): void {
    this.#total++;
    this.#hooks.onQueued?.({ lane });
  }

  started({ lane }: Task, queueMs: number): void {
    this.waits[lane].add(queueMs);
    this.#hooks.onStarted?.({ lane, queueMs });
    if (queueMs > deadlinesMs[lane]) this.#hooks.onLate?.({ lane, queueMs });
  }

  failed({ lane, failures }: Task, code: ErrorCode, delayMs: number | null): void {
    if (code === 'engine_out_of_memory') this.#outOfMemory++;
    if (delayMs !== null) this.#hooks.onRetry?.({ lane, code, failures, delayMs });
  }

  preempted({ lane }: Task, ranMs: number): void {
    this.#hooks.onPreempted?.({ lane, ranMs });
  }

  settled(task: Task, result: Hypothesis | GatewayError, now: number): void {
    const { lane, run } = task;
    const outcome = result instanceof GatewayError ? result.code : 'done';
    if (outcome === 'done') this.#done++;
    else if (!onPurpose.includes(outcome)) this.#failed++;
    const queueMs = task.queueMs ?? now - task.waitingSince;
    if (task.queueMs === null && queueMs > deadlinesMs[lane])
      this.#hooks.onLate?.({ lane, queueMs });
    const inferenceMs = run ? now - run.startedAt : task.inferenceMs;
    this.#hooks.onSettled?.({ lane, outcome, queueMs, inferenceMs });
  }
}
