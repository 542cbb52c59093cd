import { isOpen, type Job, type JobState } from '../job.js';
import type { ListOptions } from '../job-store.js';
import type { Delivery } from '../webhooks/delivery-store.js';
import type { KeptRecord } from './job-record.js';

/** All jobs that there are, in memory, in the orders in which they are asked for. */
export class JobIndex {
  readonly #records = new Map<string, KeptRecord>();
  /** Null where it has to be sorted again. */
  #newestFirst: readonly KeptRecord[] | null = [];
  #queue: { readonly ids: readonly string[]; readonly places: Map<string, number> } | null = null;

  get(id: string): KeptRecord | undefined {
    return this.#records.get(id);
  }

  set(record: KeptRecord): void {
    this.#records.set(record.job.id, record);
    this.#forgetOrders();
  }

  delete(id: string): void {
    this.#records.delete(id);
    this.#forgetOrders();
  }

  all(): readonly KeptRecord[] {
    this.#newestFirst ??= [...this.#records.values()].sort((a, b) => b.number - a.number);
    return this.#newestFirst;
  }

  list({ states, reference, owner, after, limit }: ListOptions): Job[] {
    const behind = after === undefined ? undefined : this.get(after);
    const found: Job[] = [];
    for (const { job, number } of this.all()) {
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
    const { ids } = this.#order();
    if (owner === undefined) return ids.slice(0, limit);
    return ids.filter((id) => this.get(id)?.job.owner === owner).slice(0, limit);
  }

  positionOf(id: string): number | null {
    return this.#order().places.get(id) ?? null;
  }

  /** Those that are due first. */
  notices(limit: number): Delivery[] {
    const notices = [...this.#records.values()].flatMap((record) => record.notices);
    return notices.sort((a, b) => a.dueAtMs - b.dueAtMs).slice(0, limit);
  }

  #order() {
    if (this.#queue) return this.#queue;
    const ids = [...this.#records.values()]
      .filter(({ job }) => job.state === 'queued')
      .sort(inTurn)
      .map(({ job }) => job.id);
    this.#queue = { ids, places: new Map(ids.map((id, index) => [id, index + 1])) };
    return this.#queue;
  }

  #forgetOrders(): void {
    this.#newestFirst = null;
    this.#queue = null;
  }
}

function endOf({ job }: KeptRecord): number {
  return job.endedAtMs ?? 0;
}

function isEarlier(a: KeptRecord, b: KeptRecord): boolean {
  return endOf(a) < endOf(b) || (endOf(a) === endOf(b) && a.number < b.number);
}

function inTurn(a: KeptRecord, b: KeptRecord): number {
  return (
    Number(b.job.fruitlessStarts > 0) - Number(a.job.fruitlessStarts > 0) ||
    b.job.priority - a.job.priority ||
    a.number - b.number
  );
}
