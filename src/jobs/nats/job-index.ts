import { isOpen, type Job, type JobState } from '../job.js';
import type { ListOptions } from '../job-store.js';
import type { Delivery } from '../webhooks/delivery-store.js';
import type { KeptRecord } from './job-record.js';
import { RecordQueue } from './record-queue.js';

/** All jobs that there are, in memory, in the orders in which they are asked for. */
export class JobIndex {
  readonly #records = new Map<string, KeptRecord>();
  readonly #queue = new RecordQueue();
  /** Ids; null where they have to be sorted again. */
  #newestFirst: readonly string[] | null = [];

  get(id: string): KeptRecord | undefined {
    return this.#records.get(id);
  }

  set(record: KeptRecord): void {
    const { id, state } = record.job;
    const before = this.#records.get(id);
    this.#records.set(id, record);
    if (!before) this.#newestFirst = null;
    if (before?.job.state === 'queued') this.#queue.remove(before);
    if (state === 'queued') this.#queue.add(record);
  }

  delete(id: string): void {
    const before = this.#records.get(id);
    this.#records.delete(id);
    this.#newestFirst = null;
    if (before?.job.state === 'queued') this.#queue.remove(before);
  }

  /** In no order. */
  all(): KeptRecord[] {
    return [...this.#records.values()];
  }

  list({ states, reference, owner, after, limit }: ListOptions): Job[] {
    const behind = after === undefined ? undefined : this.get(after);
    const found: Job[] = [];
    this.#newestFirst ??= this.all()
      .sort((a, b) => b.number - a.number)
      .map(({ job }) => job.id);
    for (const id of this.#newestFirst) {
      const { job, number } = this.#records.get(id) as KeptRecord;
      if (found.length >= limit) break;
      if (behind && number >= behind.number) continue;
      if (states && !states.includes(job.state)) continue;
      if (reference !== undefined && job.reference !== reference) continue;
      if (owner === undefined || job.owner === owner) found.push(job);
    }
    return found;
  }

  count(state: JobState): number {
    let count = 0;
    for (const { job } of this.#records.values()) if (job.state === state) count++;
    return count;
  }

  storedBytes(states?: readonly JobState[]): number {
    let bytes = 0;
    for (const { job } of this.#records.values()) {
      if (!states || states.includes(job.state)) bytes += job.bytes;
    }
    return bytes;
  }

  oldestEnded(beforeMs: number): Job | undefined {
    let oldest: KeptRecord | undefined;
    for (const record of this.#records.values()) {
      if (isOpen(record.job) || endOf(record) >= beforeMs) continue;
      if (!oldest || isEarlier(record, oldest)) oldest = record;
    }
    return oldest?.job;
  }

  queue(limit: number, owner?: string): string[] {
    return this.#queue.ids(limit, owner);
  }

  positionOf(id: string): number | null {
    const record = this.get(id);
    return record?.job.state === 'queued' ? this.#queue.indexOf(record) + 1 : null;
  }

  /** Those that are due first. */
  notices(limit: number): Delivery[] {
    const notices = this.all().flatMap((record) => record.notices);
    return notices.sort((a, b) => a.dueAtMs - b.dueAtMs).slice(0, limit);
  }
}

function endOf({ job }: KeptRecord): number {
  return job.endedAtMs ?? 0;
}

function isEarlier(a: KeptRecord, b: KeptRecord): boolean {
  return endOf(a) < endOf(b) || (endOf(a) === endOf(b) && a.number < b.number);
}
