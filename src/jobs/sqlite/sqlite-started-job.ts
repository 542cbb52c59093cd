import { GatewayError } from '../../errors/index.js';
import type { FinishedWindow } from '../../recording/index.js';
import type { Job } from '../job.js';
import type { JobStore, StartedJob } from '../job-store.js';
import type { Database } from './database.js';

/** One start of a job that is kept in SQLite. */
export class SqliteStartedJob implements StartedJob {
  readonly job: Job;
  readonly #db: Database;
  readonly #store: Pick<JobStore, 'find' | 'windows'>;
  readonly #onChanged: () => void;
  #windows = 0;

  constructor(
    job: Job,
    db: Database,
    store: Pick<JobStore, 'find' | 'windows'>,
    onChanged: () => void,
  ) {
    this.job = job;
    this.#db = db;
    this.#store = store;
    this.#onChanged = onChanged;
  }

  async windows(): Promise<FinishedWindow[]> {
    const windows = await this.#store.windows(this.job.id);
    this.#windows = windows.length;
    return windows;
  }

  async probed(durationMs: number | null, channels: number): Promise<void> {
    this.#change('duration_ms = ?, channels = ?', durationMs, channels);
  }

  async usesModel(model: string): Promise<void> {
    this.#change('model = ?', model);
  }

  async reachedEngine(): Promise<void> {
    this.#change('fruitless_starts = ?', this.job.fruitlessStarts + 1);
  }

  async addWindow(window: FinishedWindow, doneMs: number): Promise<void> {
    this.#requireOurs();
    const { id } = this.job;
    this.#db.transaction(() => {
      this.#db.run(
        'insert into windows select number, ?, ? from jobs where id = ?',
        ...[this.#windows, JSON.stringify(window), id],
      );
      this.#db.run('update jobs set done_ms = ?, fruitless_starts = 0 where id = ?', doneMs, id);
    });
    this.#windows++;
    this.#onChanged();
  }

  /** What it keeps never waits. */
  abort(): void {}

  #change(assignments: string, ...values: (string | number | null)[]): void {
    this.#requireOurs();
    this.#db.run(`update jobs set ${assignments} where id = ?`, ...values, this.job.id);
    this.#onChanged();
  }

  #requireOurs(): void {
    const { id, starts } = this.job;
    const now = this.#store.find(id);
    if (now?.state !== 'running' || now.starts !== starts) throw new GatewayError('cancelled');
  }
}
