import type { Job } from './job.js';

/** What listeners are told. */
export type JobNews =
  /** A job is new, or something about it has changed. */
  | { readonly kind: 'job'; readonly job: Job }
  | { readonly kind: 'deleted'; readonly id: string; readonly owner: string | null }
  /** Other jobs are next: positions have changed. */
  | { readonly kind: 'queue' };

export type JobListener = (news: JobNews) => void;

/** Tells everybody who listens what happens to jobs. */
export class JobFeed {
  readonly #listeners = new Set<JobListener>();
  #queueChanged = false;

  /** @returns Ends it. */
  listen(listener: JobListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  changed(job: Job): void {
    this.#tell({ kind: 'job', job });
  }

  deleted({ id, owner }: Pick<Job, 'id' | 'owner'>): void {
    this.#tell({ kind: 'deleted', id, owner });
  }

  /** Many changes at once are told once. */
  queueChanged(): void {
    if (this.#queueChanged) return;
    this.#queueChanged = true;
    setImmediate(() => {
      this.#queueChanged = false;
      this.#tell({ kind: 'queue' });
    });
  }

  /** Nobody is told anything any more. */
  close(): void {
    this.#listeners.clear();
  }

  #tell(news: JobNews): void {
    for (const listener of this.#listeners) listener(news);
  }
}
