import { EventEmitter } from 'node:events';
import { type HostReport, hostTiming } from './messages.js';

/** A host as a gateway knows it. */
export interface KnownHost {
  readonly report: HostReport;
  /** What this gateway has asked of it and has no answer to. */
  readonly own: number;
  /** Whether a window may go there. */
  readonly usable: boolean;
}

interface Entry {
  report: HostReport;
  heardAt: number;
  own: number;
  /** It has refused something, or kept silent: until its next report others are asked. */
  avoided: boolean;
}

/**
 * Why nothing comes of a host any more: it said that it leaves, NATS that it is gone, it was silent, it
 * lost its connection to NATS for a moment, or we did.
 */
export type LossReason = 'left' | 'gone' | 'silent' | 'reconnected' | 'disconnected';

/**
 * The hosts that a gateway has heard of. No timers and no network: it is told what was heard, and asked
 * who is late.
 */
export class HostDirectory {
  /** Emits `change` whenever a host, or what it can do, is not as before. */
  readonly changes = new EventEmitter();
  readonly #entries = new Map<string, Entry>();
  readonly #gateway: string;
  readonly #onLost: (report: HostReport, reason: LossReason) => void;

  /**
   * @param gateway Its own id, by which hosts tell what is whose.
   * @param onLost What a host had been asked has no answer to come.
   */
  constructor(gateway: string, onLost: (report: HostReport, reason: LossReason) => void) {
    this.#gateway = gateway;
    this.#onLost = onLost;
    // Every window that waits for a host listens.
    this.changes.setMaxListeners(0);
  }

  get hosts(): readonly KnownHost[] {
    return [...this.#entries.values()].map((entry) => ({
      report: entry.report,
      own: entry.own,
      usable: isUsable(entry),
    }));
  }

  /** Those that may be asked for this model. */
  offering(model: string): readonly KnownHost[] {
    return this.hosts.filter(
      ({ usable, report }) => usable && report.models.some(({ name }) => name === model),
    );
  }

  heard(report: HostReport, now: number): void {
    const { instance, epoch, state } = report;
    if (state === 'gone') return this.forget(instance, 'left');
    const known = this.#entries.get(instance);
    if (!known) this.#entries.set(instance, { report, heardAt: now, own: 0, avoided: false });
    else {
      // Answers that were on their way when it lost its connection are lost as well.
      if (known.report.epoch !== epoch) this.#onLost(known.report, 'reconnected');
      Object.assign(known, { report, heardAt: now, avoided: false });
    }
    this.changes.emit('change');
  }

  /** The next report decides whether it may be asked again. */
  avoid(instance: string): void {
    const entry = this.#entries.get(instance);
    if (!entry) return;
    entry.avoided = true;
    this.changes.emit('change');
  }

  /** @param by How many calls to it there are more. */
  count(instance: string, by: 1 | -1): void {
    const entry = this.#entries.get(instance);
    if (!entry) return;
    entry.own = Math.max(0, entry.own + by);
    if (!isUsable(entry)) this.changes.emit('change');
  }

  forget(instance: string, reason: LossReason): void {
    const entry = this.#entries.get(instance);
    if (!entry) return;
    this.#entries.delete(instance);
    this.#onLost(entry.report, reason);
    this.changes.emit('change');
  }

  forgetSilent(now: number): void {
    for (const [instance, { heardAt }] of this.#entries) {
      if (now - heardAt > hostTiming.lostAfterMs) this.forget(instance, 'silent');
    }
  }

  forgetAll(reason: LossReason): void {
    for (const instance of [...this.#entries.keys()]) this.forget(instance, reason);
  }

  /**
   * The host that has least to do for its slots; of two, the one that has the model loaded.
   * @returns Null where none may be asked.
   */
  pick(model: string): HostReport | null {
    const [first] = this.offering(model)
      .map((host) => ({ report: host.report, load: this.#loadOf(host), away: isAway(host, model) }))
      .sort((a, b) => a.load - b.load || a.away - b.away);
    return first?.report ?? null;
  }

  /** What it has to do for each of its slots, as far as is known: of others, what it last said. */
  #loadOf({ report, own }: KnownHost): number {
    const others = Object.entries(report.taken)
      .filter(([gateway]) => gateway !== this.#gateway)
      .reduce((sum, [, taken]) => sum + taken, 0);
    return (own + others) / Math.max(1, report.slots);
  }
}

function isUsable({ report, avoided }: Entry): boolean {
  return !avoided && report.state === 'serving' && report.ready;
}

function isAway({ report }: KnownHost, model: string): number {
  return report.models.some(({ name, loaded }) => name === model && loaded) ? 0 : 1;
}
