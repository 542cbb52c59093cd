import { randomUUID } from 'node:crypto';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { type AudioWindow, firstAvailable, type Hypothesis } from '../engine/index.js';
import { GatewayError } from '../errors/index.js';
import { followConnection } from '../nats/index.js';
import { type CallOutcome, HostCalls } from './host-calls.js';
import { HostDirectory, type KnownHost, type LossReason } from './host-directory.js';
import {
  type Caller,
  decodeReport,
  encodeRollCall,
  type HostCall,
  type HostReport,
  hostTiming,
  type OfferedModel,
} from './messages.js';
import { type Subjects, subjectsOf } from './subjects.js';

/** What happens to hosts, for logs and metrics. */
export interface InferenceHostsHooks {
  onLost?(host: HostReport, reason: LossReason): void;
  /** A window was answered. @param delayMs How much longer it took than its inference. */
  onAnswered?(event: { delayMs: number }): void;
}

export interface InferenceHostsOptions {
  readonly connection: NatsConnection;
  /** See `subjectsOf`. */
  readonly prefix: string;
  /** Longest time that a window waits for a host that would take it. */
  readonly waitMs: number;
  readonly hooks?: InferenceHostsHooks;
}

/** The inference hosts as a gateway sees them: who is there, and who is asked next. */
export class InferenceHosts {
  readonly #options: InferenceHostsOptions;
  readonly #subjects: Subjects;
  readonly #directory: HostDirectory;
  readonly #calls: HostCalls;
  readonly #sweeping: NodeJS.Timeout;
  readonly #caller: { readonly gateway: string; epoch: number };
  /** Whether there are hosts that speak another version of the wire. */
  #foreign = false;
  #connected = true;
  #lost = 0;
  #sweptAt = performance.now();
  #closed = false;

  constructor(options: InferenceHostsOptions) {
    this.#options = options;
    const { connection, prefix } = options;
    this.#subjects = subjectsOf(prefix);
    this.#caller = { gateway: randomUUID(), epoch: 0 };
    this.#directory = new HostDirectory(this.#caller.gateway, (...lost) => this.#onLost(...lost));
    this.#calls = new HostCalls({
      connection,
      subjects: this.#subjects,
      onGone: (instance) => this.#directory.forget(instance, 'gone'),
    });
    connection.subscribe(this.#subjects.reports, {
      callback: (error, message) => {
        if (!error) this.#heard(message);
      },
    });
    followConnection(connection, {
      onDisconnected: () => this.#disconnected(),
      onReconnected: () => {
        this.#connected = true;
        this.#rollCall();
      },
    });
    this.#sweeping = setInterval(() => this.#sweep(), hostTiming.reportMs / 2).unref();
    this.#rollCall();
  }

  /** Emits `change` whenever a host, or what it can do, is not as before. */
  get changes() {
    return this.#directory.changes;
  }

  get all(): readonly KnownHost[] {
    return this.#directory.hosts;
  }

  /** How many were lost; those that left after their work are none of them. */
  get lost(): number {
    return this.#lost;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Every model that a host has, each once; loaded where one of them has loaded it. */
  get models(): readonly OfferedModel[] {
    const all = this.all
      .filter(({ report }) => report.state === 'serving')
      .flatMap(({ report }) => report.models)
      // Of several with one name the last one stays.
      .sort((a, b) => Number(a.loaded) - Number(b.loaded));
    return [...new Map(all.map((model) => [model.name, model])).values()];
  }

  /** What keeps a model from being used, in plain words; empty where nothing does. */
  notesOn(model: string): readonly string[] {
    const ofHosts = this.all.flatMap(({ report }) =>
      report.notes.map((note) => `${report.name}: ${note}`),
    );
    const foreign = this.#foreign
      ? ['There are inference hosts of another version: they are not used.']
      : [];
    return [...this.#lack(model), ...foreign, ...ofHosts];
  }

  /** Resolves as soon as some host has said that it has this model, or after `timeoutMs`. */
  async hear(model: string, timeoutMs: number): Promise<void> {
    const pick = () => this.#directory.pick(model);
    await firstAvailable({ changes: this.changes, pick, timeoutMs }).catch(() => {});
  }

  /**
   * One window, by the host that has least to do. What a host has not taken goes to another one; what it
   * has taken and lost fails.
   * @throws GatewayError as `Engine.transcribe`; `window_too_large`.
   */
  async transcribe(
    window: AudioWindow & { readonly model: string },
    signal: AbortSignal,
  ): Promise<Hypothesis> {
    const from = this.#caller;
    const call = () => ({ kind: 'transcribe', from: { ...from }, window }) as const;
    const { hypothesis, tookMs } = await this.#ask(window.model, call, signal);
    if (!hypothesis) throw new GatewayError('internal_error');
    this.#options.hooks?.onAnswered?.({ delayMs: Math.max(0, tookMs - hypothesis.inferenceMs) });
    return hypothesis;
  }

  /**
   * Has a model loaded by one of the hosts that have it, unless one has done so.
   * @throws GatewayError what the host fails with, `engine_unavailable`, `engine_died`, `cancelled`.
   */
  async load(model: string, signal: AbortSignal): Promise<void> {
    if (this.models.some(({ name, loaded }) => name === model && loaded)) return;
    await this.#ask(model, () => ({ kind: 'load', from: { ...this.#caller }, model }), signal);
  }

  /** Gives up what is under way. The connection stays open. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#sweeping);
    this.#calls.close();
    this.changes.emit('change');
  }

  async #ask(model: string, call: () => HostCall, signal: AbortSignal) {
    const askedAt = performance.now();
    // Whoever has just come has heard of nobody, and may ask whoever is there.
    let mayAskAny = true;
    for (;;) {
      const any = mayAskAny && this.#connected && this.all.length === 0 && !this.#closed;
      mayAskAny = false;
      const instance = any ? null : await this.#reserve(model, askedAt, signal);
      const sentAt = performance.now();
      const outcome = await (instance === null
        ? this.#askAny(model, call(), signal)
        : this.#askReserved(instance, call(), signal));
      if (outcome.kind === 'done') {
        return { hypothesis: outcome.hypothesis, tookMs: performance.now() - sentAt };
      }
      if (instance !== null) this.#learnFrom(instance, outcome);
    }
  }

  /** Counts the call at the host in the moment in which it is chosen: the next one may go elsewhere. */
  #reserve(model: string, askedAt: number, signal: AbortSignal): Promise<string> {
    const leftMs = () => this.#options.waitMs - (performance.now() - askedAt);
    const pick = () => {
      if (this.#closed || leftMs() <= 0) throw new GatewayError('engine_unavailable');
      const host = this.#connected ? this.#directory.pick(model) : null;
      if (host) this.#directory.count(host.instance, 1);
      return host?.instance ?? null;
    };
    const timeoutMs = Math.max(1, Math.round(leftMs()));
    return firstAvailable({ changes: this.changes, pick, timeoutMs, signal });
  }

  async #askReserved(instance: string, call: HostCall, signal: AbortSignal): Promise<CallOutcome> {
    try {
      return await this.#calls.call({ instance }, call, signal);
    } finally {
      this.#directory.count(instance, -1);
    }
  }

  async #askAny(model: string, call: HostCall, signal: AbortSignal): Promise<CallOutcome> {
    let taker: string | null = null;
    try {
      return await this.#calls.call({ model }, call, signal, (instance) => {
        taker = instance;
        this.#directory.count(instance, 1);
      });
    } finally {
      if (taker !== null) this.#directory.count(taker, -1);
    }
  }

  #learnFrom(instance: string, { why }: Extract<CallOutcome, { kind: 'not_taken' }>): void {
    if (why === 'nobody') this.#directory.forget(instance, 'gone');
    else this.#directory.avoid(instance);
  }

  #lack(model: string): readonly string[] {
    if (!this.#connected) return ['NATS cannot be reached, and without it no inference host.'];
    if (this.#directory.offering(model).length > 0) return [];
    if (this.all.length === 0)
      return ['No inference host is there: start "whisper-gateway worker".'];
    const names = this.models.map(({ name }) => name);
    if (names.includes(model)) return ['No inference host takes work now.'];
    return [`No inference host has the model ${model}. They have: ${names.join(', ')}.`];
  }

  #heard(message: Msg): void {
    try {
      const report = decodeReport(message.string());
      if (report) this.#directory.heard(report, performance.now());
      else this.#foreign = true;
    } catch {
      // Whoever says this is no host of ours.
    }
  }

  #onLost(host: HostReport, reason: LossReason): void {
    if (reason === 'gone' || reason === 'silent') this.#lost++;
    this.#calls.lose(host.instance, host.name);
    this.#options.hooks?.onLost?.(host, reason);
  }

  /** What hosts answer now never comes; they end what we have asked for as well. */
  #disconnected(): void {
    this.#connected = false;
    this.#caller.epoch++;
    this.#directory.forgetAll('disconnected');
    // Those as well that nobody was known to have taken.
    this.#calls.lose(null, 'in use');
    this.changes.emit('change');
  }

  #rollCall(): void {
    const caller: Caller = this.#caller;
    this.#options.connection.publish(this.#subjects.rollCall, encodeRollCall(caller));
  }

  #sweep(): void {
    const now = performance.now();
    const late = now - this.#sweptAt > 2 * hostTiming.reportMs;
    this.#sweptAt = now;
    // We ourselves stood still: what hosts said meanwhile is yet to be read.
    if (!late) this.#directory.forgetSilent(now);
  }
}
