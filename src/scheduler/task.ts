import { sampleRate } from '../audio/index.js';
import type { AudioWindow, Hypothesis, Lane } from '../engine/index.js';
import type { GatewayError } from '../errors/index.js';
import type { Share } from './fair-queue.js';
import type { Work } from './scheduler.js';
import type { Running } from './slot-policy.js';

/** A submitted window on its way. */
export interface Task extends Share {
  readonly window: AudioWindow;
  readonly lane: Lane;
  readonly submittedAt: number;
  /** Since when its turn is waited for: a partial takes over the turn of the one that it replaces. */
  waitingSince: number;
  readonly onStarted: (() => void) | undefined;
  /** Answers the caller; only the first call counts. */
  readonly settle: (result: Hypothesis | GatewayError) => void;
  settled: boolean;
  /** Its try that is under way. */
  run: Run | null;
  failures: number;
  preemptions: number;
  /** Until the first slot; null before it. */
  queueMs: number | null;
  /** Of the last try that has ended. */
  inferenceMs: number;
  /** Ends a wait: of a partial for its slot, of a failed window for its next try. */
  timer: NodeJS.Timeout | undefined;
}

/** One try of a task; it holds a slot until the inference has really ended. */
export interface Run extends Running {
  readonly task: Task;
  readonly startedAt: number;
  readonly abort: AbortController;
  /** For whom it was aborted, where it was: its failure then says nothing about its window. */
  preemptedFor: 'live' | 'newcomer' | null;
  /** Resolves when the slot is free. */
  ended: Promise<void>;
}

export function createTask(
  { window, key = window.tenant ?? '', weight = 1, onStarted }: Work,
  submittedAt: number,
  answer: (result: Hypothesis | GatewayError) => void,
): Task {
  const seconds = window.pcm.length / sampleRate;
  const task: Task = {
    window,
    lane: window.lane,
    key,
    sessionId: window.sessionId,
    weight,
    seconds,
    // Captions of every speaker are renewed equally often, however long their sentences are.
    sessionCost: window.lane === 'batch' ? seconds : 1,
    submittedAt,
    waitingSince: submittedAt,
    onStarted,
    settle(result) {
      if (task.settled) return;
      task.settled = true;
      answer(result);
    },
    settled: false,
    run: null,
    failures: 0,
    preemptions: 0,
    queueMs: null,
    inferenceMs: 0,
    timer: undefined,
  };
  return task;
}

/** A try that begins now; whoever starts it sets `ended`. */
export function createRun(task: Task, startedAt: number): Run {
  const abort = new AbortController();
  return {
    task,
    lane: task.lane,
    preemptions: task.preemptions,
    seconds: task.seconds,
    startedAt,
    abort,
    get stopping() {
      return abort.signal.aborted;
    },
    preemptedFor: null,
    ended: Promise.resolve(),
  };
}
