import pLimit from 'p-limit';
import type { AudioWindow, Hypothesis, Lane } from '../engine/index.js';
import { GatewayError } from '../errors/index.js';
import { createLanes } from './lanes.js';
import { retryDelayMs } from './retry-policy.js';
import type { Scheduler, SchedulerOptions, SchedulerStats, Work } from './scheduler.js';

/** A submitted window on its way. */
interface Task {
  readonly window: AudioWindow;
  readonly lane: Lane;
  readonly key: string;
  readonly submittedAt: number;
  readonly settle: (result: Hypothesis | GatewayError) => void;
  readonly onStarted: (() => void) | undefined;
  readonly abort: AbortController;
  failures: number;
  queueMs: number | null;
  /** Of the running try; null where none runs. */
  startedAt: number | null;
  inferenceMs: number;
}

export function createScheduler(options: SchedulerOptions): Scheduler {
  return new LaneScheduler(options);
}

class LaneScheduler implements Scheduler {
  readonly #options: SchedulerOptions;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #lanes = createLanes<Task>();
  /** The one partial that a session may have waiting. */
  readonly #queuedPartials = new Map<string, Task>();
  readonly #retrying = new Map<Task, NodeJS.Timeout>();
  /** Until the inference has settled, even where its caller was answered before. */
  readonly #running = new Map<Task, Promise<void>>();
  #closed = false;
  #total = 0;
  #done = 0;
  #failed = 0;
  #outOfMemory = 0;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#random = options.random ?? Math.random;
    this.#limit = pLimit(options.engine.slots);
  }

  get concurrency(): number {
    return this.#limit.concurrency;
  }

  set concurrency(slots: number) {
    this.#limit.concurrency = slots;
  }

  get active(): number {
    return this.#running.size;
  }

  get waiting(): Record<Lane, number> {
    const between = (lane: Lane) =>
      [...this.#retrying.keys()].filter((task) => task.lane === lane).length;
    const count = (lane: Lane) => this.#lanes.sizeOf(lane) + between(lane);
    return { final: count('final'), partial: count('partial'), batch: count('batch') };
  }

  get stats(): SchedulerStats {
    const ended = this.#done + this.#failed;
    return {
      max_concurrent: this.concurrency,
      active_tasks: this.active,
      total_tasks: this.#total,
      failed_tasks: this.#failed,
      oom_errors: this.#outOfMemory,
      success_rate: ended === 0 ? 1 : this.#done / ended,
    };
  }

  submit(work: Work): Promise<Hypothesis> {
    const { window, key = window.sessionId, signal } = work;
    if (this.#closed) return Promise.reject(new GatewayError('server_draining'));
    if (signal?.aborted) return Promise.reject(new GatewayError('cancelled'));
    this.#total++;
    this.#options.hooks?.onQueued?.({ lane: window.lane });

    return new Promise((resolve, reject) => {
      const cancel = () => task.settle(new GatewayError('cancelled'));
      const task: Task = {
        window,
        lane: window.lane,
        key,
        submittedAt: this.#now(),
        onStarted: work.onStarted,
        settle: once((result) => {
          signal?.removeEventListener('abort', cancel);
          this.#forget(task);
          this.#count(task, result);
          if (result instanceof GatewayError) reject(result);
          else resolve(result);
        }),
        abort: new AbortController(),
        failures: 0,
        queueMs: null,
        startedAt: null,
        inferenceMs: 0,
      };
      signal?.addEventListener('abort', cancel, { once: true });
      this.#admit(task);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const draining = new GatewayError('server_draining');
    for (const task of this.#retrying.keys()) task.settle(draining);
    for (let task = this.#lanes.take(); task; task = this.#lanes.take()) task.settle(draining);
    for (const task of this.#running.keys()) task.settle(draining);
    await Promise.all(this.#running.values());
  }

  /** Gives a new window its place, and ends what it makes pointless. */
  #admit(task: Task): void {
    const { sessionId } = task.window;
    const older = this.#queuedPartials.get(sessionId);
    if (older && task.lane === 'partial' && this.#lanes.replace(older, task)) {
      this.#queuedPartials.set(sessionId, task);
      older.settle(new GatewayError('superseded'));
      return;
    }
    if (older && task.lane !== 'batch') older.settle(new GatewayError('superseded'));
    if (!this.#makeRoom(task)) {
      task.settle(new GatewayError('queue_full'));
      return;
    }
    this.#lanes.push(task);
    if (task.lane === 'partial') this.#queuedPartials.set(sessionId, task);
    if (task.lane === 'final' && this.#limit.activeCount >= this.#limit.concurrency) {
      preempted(task, this.#running.keys())?.settle(new GatewayError('superseded'));
    }
    this.#askForSlot();
  }

  /** Whether there is room for one more; a final takes it from a partial, which can be spared. */
  #makeRoom(task: Task): boolean {
    if (this.#lanes.size + this.#retrying.size < this.#options.maxQueued) return true;
    const spared = task.lane === 'final' ? this.#lanes.take('partial') : undefined;
    spared?.settle(new GatewayError('queue_full'));
    return spared !== undefined;
  }

  /**
   * Queues one more ticket for a slot, unless as many wait as windows do. Tickets name no window:
   * which one is the most urgent is decided when a slot comes free, not when the ticket is drawn.
   */
  #askForSlot(): void {
    if (this.#limit.pendingCount < this.#lanes.size) void this.#limit(() => this.#serveNext());
  }

  /** Runs the most urgent window; the slot is held until its inference has really ended. */
  async #serveNext(): Promise<void> {
    const task = this.#lanes.take();
    // A ticket whose window was cancelled or replaced.
    if (!task) return;
    const run = this.#run(task);
    this.#running.set(task, run);
    await run;
    // By now its retry may run in another slot.
    if (this.#running.get(task) === run) this.#running.delete(task);
  }

  /** Never rejects. */
  async #run(task: Task): Promise<void> {
    if (task.lane === 'partial') this.#queuedPartials.delete(task.window.sessionId);
    task.startedAt = this.#now();
    task.queueMs ??= task.startedAt - task.submittedAt;
    this.#options.hooks?.onStarted?.({ lane: task.lane, queueMs: task.queueMs });
    task.onStarted?.();
    try {
      task.settle(await this.#options.engine.transcribe(task.window, task.abort.signal));
    } catch (error) {
      this.#retryOrFail(task, GatewayError.from(error));
    }
  }

  #retryOrFail(task: Task, error: GatewayError): void {
    // Its caller was answered long ago: what the engine says to the abort concerns nobody.
    if (task.abort.signal.aborted) return;
    if (error.code === 'engine_out_of_memory') this.#outOfMemory++;
    const now = this.#now();
    task.inferenceMs = now - (task.startedAt ?? now);
    task.startedAt = null;
    task.failures++;
    const ageMs = now - task.submittedAt;
    const policy = this.#options.retry[task.lane];
    const delayMs = retryDelayMs(policy, task.failures, ageMs, this.#random());
    if (!error.retryable || delayMs === null) {
      task.settle(error);
      return;
    }
    this.#options.hooks?.onRetry?.({
      lane: task.lane,
      code: error.code,
      failures: task.failures,
      delayMs,
    });
    const again = () => {
      this.#retrying.delete(task);
      this.#lanes.pushFirst(task);
      this.#askForSlot();
    };
    // Without the detour over a timer, so that no less urgent window gets the slot in between.
    if (delayMs === 0) again();
    else this.#retrying.set(task, setTimeout(again, delayMs));
  }

  /** Takes a task out of wherever it is; a running one is aborted. */
  #forget(task: Task): void {
    clearTimeout(this.#retrying.get(task));
    this.#retrying.delete(task);
    this.#lanes.remove(task);
    const { sessionId } = task.window;
    if (this.#queuedPartials.get(sessionId) === task) this.#queuedPartials.delete(sessionId);
    task.abort.abort();
  }

  #count(task: Task, result: Hypothesis | GatewayError): void {
    const outcome = result instanceof GatewayError ? result.code : 'done';
    if (outcome === 'done') this.#done++;
    else if (outcome !== 'cancelled' && outcome !== 'superseded') this.#failed++;
    const now = this.#now();
    this.#options.hooks?.onSettled?.({
      lane: task.lane,
      outcome,
      queueMs: task.queueMs ?? now - task.submittedAt,
      inferenceMs: task.startedAt === null ? task.inferenceMs : now - task.startedAt,
    });
  }
}

/**
 * The running window that makes way for a final when no slot is free: the partial that previews
 * the same speech, since the final says it better.
 */
function preempted(final: Task, running: Iterable<Task>): Task | undefined {
  for (const task of running) {
    const previews = task.lane === 'partial' && task.window.sessionId === final.window.sessionId;
    if (previews && !task.abort.signal.aborted) return task;
  }
  return undefined;
}

function once<T>(action: (value: T) => void): (value: T) => void {
  let called = false;
  return (value) => {
    if (called) return;
    called = true;
    action(value);
  };
}
