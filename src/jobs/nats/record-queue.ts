import type { KeptRecord } from './job-record.js';

/** Records of queued jobs in turn. There may be many: none is sorted twice. */
export class RecordQueue {
  readonly #records: KeptRecord[] = [];

  add(record: KeptRecord): void {
    this.#records.splice(this.indexOf(record), 0, record);
  }

  /** @param record As it was added. */
  remove(record: KeptRecord): void {
    this.#records.splice(this.indexOf(record), 1);
  }

  /** How many go before it. */
  indexOf(record: KeptRecord): number {
    let from = 0;
    let to = this.#records.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (isBefore(this.#records[middle] as KeptRecord, record)) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  ids(limit: number, owner?: string): string[] {
    const ids: string[] = [];
    for (const { job } of this.#records) {
      if (ids.length >= limit) break;
      if (owner === undefined || job.owner === owner) ids.push(job.id);
    }
    return ids;
  }
}

function isBefore(a: KeptRecord, b: KeptRecord): boolean {
  const inTurn =
    Number(b.job.fruitlessStarts > 0) - Number(a.job.fruitlessStarts > 0) ||
    b.job.priority - a.job.priority ||
    a.number - b.number;
  return inTurn < 0;
}
