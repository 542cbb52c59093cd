import { type Job, totalMs } from './job.js';

/** How fast a job is, since it was started last. */
export class Pace {
  readonly #startedAt: number;
  readonly #fromMs: number;
  readonly #now: () => number;

  /** @param now Milliseconds on a clock that never goes back. */
  constructor({ doneMs }: Pick<Job, 'doneMs'>, now: () => number = () => performance.now()) {
    this.#fromMs = doneMs;
    this.#now = now;
    this.#startedAt = now();
  }

  /** Milliseconds until the end, at this pace; null while nothing is done, or the length is unknown. */
  leftMs(job: Job): number | null {
    const total = totalMs(job);
    const done = job.doneMs - this.#fromMs;
    if (total === null || done <= 0) return null;
    const perMs = (this.#now() - this.#startedAt) / done;
    return Math.max(0, total - job.doneMs) * perMs;
  }
}
