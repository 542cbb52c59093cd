import { setTimeout as pause } from 'node:timers/promises';
import { GatewayError } from '../../errors/index.js';
import type { Delivery, DeliveryStore } from '../webhooks/delivery-store.js';
import type { KeptRecord } from './job-record.js';
import type { RecordBucket } from './record-bucket.js';

const retryMs = 500;
/** How long the outcome of a notice that was sent is worth waiting for; then it is sent again. */
const patienceMs = 20_000;

/** Notices that are still to be delivered: each is part of the record of its job. */
export class NatsDeliveryStore implements DeliveryStore {
  readonly #records: RecordBucket;
  readonly #isAvailable: () => boolean;

  constructor(records: RecordBucket, isAvailable: () => boolean) {
    this.#records = records;
    this.#isAvailable = isAvailable;
  }

  list(limit: number): Delivery[] {
    return this.#isAvailable() ? this.#records.index.notices(limit) : [];
  }

  async take(id: string, untilMs: number): Promise<boolean> {
    // Of two gateways that find it due, the second finds that it is not any more.
    const now = Date.now();
    return await this.#change(id, (notice) =>
      notice.dueAtMs <= now ? [{ ...notice, dueAtMs: untilMs }] : null,
    );
  }

  async settled(id: string): Promise<void> {
    await this.#persist(() => this.#change(id, () => []));
  }

  async failed(id: string, dueAtMs: number): Promise<void> {
    await this.#persist(() =>
      this.#change(id, (notice) => [{ ...notice, tries: notice.tries + 1, dueAtMs }]),
    );
  }

  /** @param change What becomes of it; null leaves it. @returns Whether it was changed. */
  async #change(id: string, change: (notice: Delivery) => Delivery[] | null): Promise<boolean> {
    const has = ({ notices }: KeptRecord) => notices.some((notice) => notice.id === id);
    const job = this.#records.index.all().find(has)?.job;
    if (!job) return false;
    const kept = await this.#records.update(job.id, (record) => {
      const notice = record.notices.find((each) => each.id === id);
      const changed = notice && change(notice);
      if (!changed) return null;
      const notices = record.notices.flatMap((each) => (each === notice ? changed : [each]));
      return { ...record, notices };
    });
    return kept !== null;
  }

  async #persist(work: () => Promise<unknown>): Promise<void> {
    const since = performance.now();
    for (;;) {
      try {
        await work();
        return;
      } catch (error) {
        const { code } = GatewayError.from(error);
        if (code !== 'jobs_unavailable' || performance.now() - since > patienceMs) throw error;
        await pause(retryMs);
      }
    }
  }
}
