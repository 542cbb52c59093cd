import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { type Engine, type Hypothesis, toFailure } from '../engine/index.js';
import { GatewayError } from '../errors/index.js';
import { followConnection } from '../nats/index.js';
import { wireVersion } from './frame.js';
import { LaneQueue } from './lane-queue.js';
import {
  type Caller,
  decodeCall,
  decodeRollCall,
  encodeAnswer,
  encodeReport,
  type HostAnswer,
  type HostCall,
  type HostReport,
  hostTiming,
  type OfferedModel,
} from './messages.js';
import { type Subjects, subjectsOf, workerGroup } from './subjects.js';

/** Windows of other gateways that may wait, for each slot; with more a host says that it is busy. */
const waitingPerSlot = 4;

/** Changes that come together make one report. */
const reportSoonMs = 50;

/** How long gateways may take to hear that it leaves. */
const leaveMs = 1_000;

export interface InferenceHostOptions {
  readonly connection: NatsConnection;
  /** See `subjectsOf`. */
  readonly prefix: string;
  /** For people: of this machine and process. */
  readonly name: string;
  readonly version: string;
  readonly engine: Engine;
  /** The models that may be asked for. */
  readonly models: () => Promise<readonly OfferedModel[]>;
  /** @throws GatewayError */
  readonly load: (model: string, signal: AbortSignal) => Promise<void>;
  /** Something that it was told makes no sense; said in logs. */
  readonly onUnreadable?: (error: GatewayError) => void;
}

/** A call under way. */
interface Taken {
  readonly from: Caller;
  readonly abort: AbortController;
}

/**
 * What a worker host does: takes what gateways ask for, as far as it has room, computes and answers, and
 * reports how it is.
 */
export class InferenceHost {
  readonly instance = randomUUID();
  readonly #options: InferenceHostOptions;
  readonly #subjects: Subjects;
  readonly #queue: LaneQueue;
  readonly #taken = new Map<string, Taken>();
  readonly #subscriptions: Subscription[] = [];
  /** One for each model, shared with the other hosts that have it. */
  readonly #groups = new Map<string, Subscription>();
  readonly #reporting: NodeJS.Timeout;
  #soon: NodeJS.Timeout | undefined;
  #models: readonly OfferedModel[] = [];
  #epoch = 0;
  #state: HostReport['state'] = 'serving';
  #onIdle: (() => void) | undefined;

  private constructor(options: InferenceHostOptions) {
    this.#options = options;
    const { connection, prefix, engine } = options;
    this.#subjects = subjectsOf(prefix);
    this.#queue = new LaneQueue(() => engine.slots);
    engine.onSlotsChanged(() => {
      this.#queue.look();
      this.#reportSoon();
    });
    this.#listen(this.#subjects.host(this.instance), (message) => this.#called(message));
    this.#listen(this.#subjects.rollCall, (message) => {
      this.#endFormer(decodeRollCall(message.string()));
      this.#report();
    });
    followConnection(connection, {
      onDisconnected: () => this.#disconnected(),
      onReconnected: () => this.#report(),
    });
    this.#reporting = setInterval(() => void this.#lookAround(), hostTiming.reportMs);
  }

  /** Resolves when gateways have been told. */
  static async open(options: InferenceHostOptions): Promise<InferenceHost> {
    const host = new InferenceHost(options);
    await host.#lookAround();
    await options.connection.flush();
    return host;
  }

  get report(): HostReport {
    const { engine, name, version } = this.#options;
    const taken: Record<string, number> = {};
    for (const { from } of this.#taken.values()) {
      taken[from.gateway] = (taken[from.gateway] ?? 0) + 1;
    }
    return {
      wire: wireVersion,
      instance: this.instance,
      name,
      version,
      epoch: this.#epoch,
      state: this.#state,
      ready: engine.ready,
      slots: engine.slots,
      running: this.#queue.running,
      waiting: this.#queue.waiting,
      taken,
      models: [...this.#models],
      device: engine.info.device,
      backend: engine.info.backend,
      gpus: engine.gpus.length,
      restarts: engine.restarts,
      notes: [...engine.notes],
    };
  }

  /** Takes nothing new; resolves when what was taken is answered, or after `timeoutMs`. Idempotent. */
  async drain(timeoutMs: number): Promise<void> {
    if (this.#state === 'gone') return;
    this.#state = 'draining';
    for (const group of this.#groups.values()) group.unsubscribe();
    this.#groups.clear();
    this.#report();
    if (this.#taken.size === 0) return;
    let late: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
      late = setTimeout(resolve, timeoutMs);
    });
    clearTimeout(late);
  }

  /** Says that it leaves, and gives up what is under way. The connection stays open. Idempotent. */
  async close(): Promise<void> {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    clearInterval(this.#reporting);
    clearTimeout(this.#soon);
    for (const subscription of [...this.#subscriptions, ...this.#groups.values()]) {
      subscription.unsubscribe();
    }
    for (const { abort } of this.#taken.values()) abort.abort();
    const { connection } = this.#options;
    if (connection.isClosed()) return;
    connection.publish(this.#subjects.reports, encodeReport(this.report));
    // Where NATS is away nobody can be told, and nobody waits for it.
    const told = connection.flush().catch(() => {});
    await Promise.race([told, sleep(leaveMs, undefined, { ref: false })]);
  }

  #listen(subject: string, heard: (message: Msg) => void, queue?: string): Subscription {
    const subscription = this.#options.connection.subscribe(subject, {
      ...(queue && { queue }),
      callback: (error, message) => {
        try {
          if (!error) heard(message);
        } catch (unreadable) {
          this.#options.onUnreadable?.(GatewayError.from(unreadable));
        }
      },
    });
    if (!queue) this.#subscriptions.push(subscription);
    return subscription;
  }

  #called({ data, reply }: Msg): void {
    const call = decodeCall(data);
    if (call.kind === 'cancel') return this.#taken.get(call.id)?.abort.abort();
    if (call.kind === 'probe' || !reply) return;
    if (this.#state !== 'serving') return this.#answer(reply, { kind: 'refused', why: 'draining' });
    const most = waitingPerSlot * this.#options.engine.slots;
    if (call.kind === 'transcribe' && this.#queue.waiting >= most) {
      return this.#answer(reply, { kind: 'refused', why: 'busy' });
    }
    void this.#take(reply, call);
  }

  /** Never rejects. */
  async #take(id: string, call: Extract<HostCall, { readonly from: Caller }>): Promise<void> {
    const epoch = this.#epoch;
    const abort = new AbortController();
    this.#taken.set(id, { from: call.from, abort });
    this.#answer(id, { kind: 'taken', instance: this.instance });
    this.#reportSoon();
    const answer = await this.#work(call, abort.signal).then(
      (hypothesis): HostAnswer => ({ kind: 'done', hypothesis }),
      (error: unknown): HostAnswer => ({ kind: 'failed', failure: toFailure(error) }),
    );
    this.#taken.delete(id);
    // Of an earlier connection it is lost: gateways hear so from our report, and ask somebody else.
    if (epoch === this.#epoch) this.#answer(id, answer);
    this.#reportSoon();
    if (this.#taken.size === 0) this.#onIdle?.();
  }

  async #work(
    call: Extract<HostCall, { readonly from: Caller }>,
    signal: AbortSignal,
  ): Promise<Hypothesis | null> {
    const { engine, load } = this.#options;
    if (call.kind === 'transcribe') {
      const { window } = call;
      return await this.#queue.run(window.lane, signal, () => engine.transcribe(window, signal));
    }
    await load(call.model, signal);
    await this.#lookAround();
    return null;
  }

  #answer(to: string, answer: HostAnswer): void {
    const { connection } = this.#options;
    if (!connection.isClosed()) connection.publish(to, encodeAnswer(answer));
  }

  /** What it was doing could be answered to nobody. */
  #disconnected(): void {
    this.#epoch++;
    for (const { abort } of this.#taken.values()) abort.abort();
  }

  #endFormer({ gateway, epoch }: Caller): void {
    for (const { from, abort } of this.#taken.values()) {
      if (from.gateway === gateway && from.epoch < epoch) abort.abort();
    }
  }

  /** Sees which models there are now, and reports. Never rejects. */
  async #lookAround(): Promise<void> {
    this.#models = await this.#options.models().catch(() => this.#models);
    if (this.#state !== 'serving') return this.#report();
    const names = new Set(this.#models.map(({ name }) => name));
    for (const [name, group] of this.#groups) {
      if (names.has(name)) continue;
      group.unsubscribe();
      this.#groups.delete(name);
    }
    for (const name of names) {
      if (this.#groups.has(name)) continue;
      const called = (message: Msg) => this.#called(message);
      this.#groups.set(name, this.#listen(this.#subjects.model(name), called, workerGroup));
    }
    this.#report();
  }

  #reportSoon(): void {
    this.#soon ??= setTimeout(() => this.#report(), reportSoonMs);
  }

  #report(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    const { connection } = this.#options;
    if (this.#state === 'gone' || connection.isClosed()) return;
    connection.publish(this.#subjects.reports, encodeReport(this.report));
  }
}
