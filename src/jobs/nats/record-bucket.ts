import { once } from 'node:events';
import { DeliverPolicy, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import { GatewayError } from '../../errors/index.js';
import { isConflict } from '../../nats/index.js';
import { JobIndex } from './job-index.js';
import { decodeRecord, encodeRecord, type JobRecord, type KeptRecord } from './job-record.js';
import { onNats } from './nats-failure.js';

/** Told of every change, whoever made it. */
export interface RecordHooks {
  onChanged(record: KeptRecord, before: KeptRecord | undefined): void;
  onRemoved(record: KeptRecord): void;
  /** A record that cannot be read is passed over. */
  onUnreadable(id: string, cause: unknown): void;
  /** Nothing is told any more, until `watch` is called again. */
  onUnwatched(): void;
}

/** How often a change is tried that others are quicker than. */
const maxTries = 20;
/** Removed ids that are remembered, lest late news bring them back. */
const maxRemoved = 10_000;
/** The mark of a removed record is kept for gateways that were away; one that was for longer reads everything. */
const markLifeMs = 3_600_000;

/** Longest time for reading everything. */
const readMs = 30_000;
const operationHeader = 'KV-Operation';

/**
 * The records of jobs: a key-value bucket, and all that is in it in memory as well. A change names the revision that
 * it was made of, so that of two gateways one is told to look again.
 */
export class RecordBucket {
  readonly index = new JobIndex();
  readonly #js: JetStreamClient;
  readonly #manager: JetStreamManager;
  readonly #kv: KV;
  readonly #stream: string;
  readonly #prefix: string;
  readonly #hooks: RecordHooks;
  /** When the stream was made: another one's revisions begin anew. */
  #created = '';
  readonly #removed = new Set<string>();
  readonly #marks = new Map<string, number>();
  #stopWatching: () => void = () => {};

  constructor(
    parts: { js: JetStreamClient; manager: JetStreamManager; kv: KV; bucket: string },
    hooks: RecordHooks,
  ) {
    this.#js = parts.js;
    this.#manager = parts.manager;
    this.#kv = parts.kv;
    this.#stream = `KV_${parts.bucket}`;
    this.#prefix = `$KV.${parts.bucket}.`;
    this.#hooks = hooks;
  }

  /**
   * Reads everything, and follows it from then on until it is called again, or `close`d.
   * @throws GatewayError `jobs_unavailable`.
   */
  async watch(): Promise<void> {
    this.#stopWatching();
    await onNats(() => this.#watch());
  }

  close(): void {
    this.#stopWatching();
  }

  async #watch(): Promise<void> {
    const { created, state } = await this.#manager.streams.info(this.#stream);
    if (created !== this.#created) this.#forgetAll();
    this.#created = created;
    const consumer = await this.#js.consumers.getPushConsumer(this.#stream, {
      deliver_policy: DeliverPolicy.LastPerSubject,
      filter_subjects: `${this.#prefix}>`,
    });
    let left = (await consumer.info(true)).num_pending;
    const seen = new Set<string>();
    let whole = () => {};
    const read = new Promise<void>((resolve) => {
      whole = resolve;
    });
    const messages = await consumer.consume({
      callback: ({ subject, headers, data, seq, time, info }) => {
        const id = subject.slice(this.#prefix.length);
        const isRemoved = headers?.has(operationHeader) ?? false;
        if (isRemoved) this.#marks.set(id, time.getTime());
        else if (left > 0) seen.add(id);
        this.#apply(id, isRemoved ? null : data, seq);
        if (--left === 0 || info.pending === 0) whole();
      },
    });
    let isWanted = true;
    this.#stopWatching = () => {
      isWanted = false;
      messages.stop();
    };
    const closed = messages.closed().then(() => {
      if (isWanted) this.#hooks.onUnwatched();
      throw new GatewayError('jobs_unavailable');
    });
    const late = AbortSignal.timeout(readMs);
    const tooLate = once(late, 'abort').then(() => {
      throw new GatewayError('jobs_unavailable');
    });
    await Promise.race([left > 0 ? read : null, closed, tooLate]);
    this.#forgetUnseen(seen, state.last_seq);
  }

  /** A record as it is kept now. @throws GatewayError `jobs_unavailable`. */
  async fetch(id: string): Promise<KeptRecord | undefined> {
    const entry = await onNats(() => this.#kv.get(id));
    const isThere = entry !== null && entry.operation === 'PUT';
    this.#apply(id, isThere ? entry.value : null, entry?.revision ?? Number.POSITIVE_INFINITY);
    return this.index.get(id);
  }

  /** @throws GatewayError `jobs_unavailable`, `disk_full`. */
  async create(record: JobRecord): Promise<KeptRecord> {
    const { id } = record.job;
    const text = encodeRecord(record);
    const revision = await onNats(() => this.#kv.create(id, text));
    this.#keep(id, decodeRecord(text, revision));
    return this.index.get(id) as KeptRecord;
  }

  /**
   * Changes a record, on what it is by then.
   * @param change Null leaves it.
   * @returns Null where it was left, or is gone.
   * @throws GatewayError `jobs_unavailable`, `disk_full`.
   */
  async update(
    id: string,
    change: (record: KeptRecord) => JobRecord | null,
  ): Promise<KeptRecord | null> {
    for (let tries = 0; tries < maxTries; tries++) {
      const known = this.index.get(id);
      const next = known && change(known);
      if (!known || !next) return null;
      try {
        const revision = await this.#kv.update(id, encodeRecord(next), known.revision);
        this.#keep(id, { ...next, revision });
        return { ...next, revision };
      } catch (error) {
        if (!isConflict(error)) await onNats(() => Promise.reject(error));
        await this.fetch(id);
      }
    }
    throw new GatewayError('jobs_unavailable', { message: 'This job changes too fast.' });
  }

  /**
   * Removes a record, unless it is one by then that is to stay.
   * @returns Whether it is gone.
   * @throws GatewayError `jobs_unavailable`.
   */
  async remove(id: string, mayGo: (record: KeptRecord) => boolean): Promise<boolean> {
    for (let tries = 0; tries < maxTries; tries++) {
      const known = this.index.get(id);
      if (!known) return true;
      if (!mayGo(known)) return false;
      try {
        await this.#kv.purge(id, { previousSeq: known.revision });
        this.#apply(id, null, Number.POSITIVE_INFINITY);
        return true;
      } catch (error) {
        if (!isConflict(error)) await onNats(() => Promise.reject(error));
        await this.fetch(id);
      }
    }
    throw new GatewayError('jobs_unavailable', { message: 'This job changes too fast.' });
  }

  /** Removes the marks that old removals left. @throws GatewayError `jobs_unavailable`. */
  async sweep(): Promise<void> {
    for (const [id, markedAtMs] of this.#marks) {
      if (Date.now() - markedAtMs < markLifeMs) continue;
      const filter = `${this.#prefix}${id}`;
      await onNats(() => this.#manager.streams.purge(this.#stream, { filter }));
      this.#marks.delete(id);
    }
  }

  /** @param value Null where it was removed. */
  #apply(id: string, value: Uint8Array | null, revision: number): void {
    const known = this.index.get(id);
    if (this.#removed.has(id) || (known && known.revision >= revision)) return;
    if (value) {
      try {
        this.#keep(id, decodeRecord(Buffer.from(value).toString(), revision));
      } catch (error) {
        this.#hooks.onUnreadable(id, error);
      }
      return;
    }
    this.#removed.add(id);
    const [oldest] = this.#removed;
    if (this.#removed.size > maxRemoved && oldest !== undefined) this.#removed.delete(oldest);
    if (known) this.#forget(known);
  }

  #keep(id: string, record: KeptRecord | null): void {
    if (!record) return this.#hooks.onUnreadable(id, 'another version');
    const before = this.index.get(id);
    // The watch may have been quicker.
    if (this.#removed.has(id) || (before && before.revision >= record.revision)) return;
    this.index.set(record);
    this.#hooks.onChanged(record, before);
  }

  #forget(record: KeptRecord): void {
    this.index.delete(record.job.id);
    this.#hooks.onRemoved(record);
  }

  #forgetAll(): void {
    this.#removed.clear();
    this.#marks.clear();
    for (const record of this.index.all()) this.#forget(record);
  }

  /** What was removed while nobody watched, and has no mark any more. */
  #forgetUnseen(seen: ReadonlySet<string>, lastRevision: number): void {
    for (const record of this.index.all()) {
      if (!seen.has(record.job.id) && record.revision <= lastRevision) this.#forget(record);
    }
  }
}
