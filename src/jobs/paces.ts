import type { Job } from './job.js';
import { Pace } from './pace.js';

/** How fast each running job is, whichever gateway works on it, since it was first seen at that start. */
export class Paces {
  readonly #seen = new Map<string, { readonly starts: number; readonly pace: Pace }>();

  /** It is as it is now. */
  note({ id, state, starts, doneMs }: Pick<Job, 'id' | 'state' | 'starts' | 'doneMs'>): void {
    if (state !== 'running') this.forget(id);
    else if (this.#seen.get(id)?.starts !== starts) {
      this.#seen.set(id, { starts, pace: new Pace({ doneMs }) });
    }
  }

  forget(id: string): void {
    this.#seen.delete(id);
  }

  /** Milliseconds until a job's end, at its pace; null while that is unknown. */
  leftMs(job: Job): number | null {
    return this.#seen.get(job.id)?.pace.leftMs(job) ?? null;
  }
}
