import type { NatsConnection, Subscription } from '@nats-io/transport-node';

/** Beats that may be lost before a gateway is taken for gone. */
const beatsPerLease = 5;

/**
 * Tells other gateways that this one lives, and knows which of them have not been heard of for too long: by this
 * process's own clock, whatever theirs say. Silence counts only while our own beats come back to us: when they do not,
 * it is this process, NATS or the way to it that stands still.
 */
export class GatewayPulse {
  readonly #connection: NatsConnection;
  readonly #subject: string;
  readonly #id: string;
  readonly #leaseMs: number;
  readonly #heardAt = new Map<string, number>();
  readonly #subscription: Subscription;
  readonly #timer: NodeJS.Timeout;
  /** When our own beat came back last: until then it is known who was silent. */
  #echoAt = performance.now();

  /** @param onBeat Now and then. @param leaseMs After which a silent gateway counts as gone. */
  constructor(
    connection: NatsConnection,
    options: { subject: string; id: string; leaseMs: number; onBeat: () => void },
  ) {
    const { subject, id, leaseMs, onBeat } = options;
    this.#connection = connection;
    this.#subject = subject;
    this.#id = id;
    this.#leaseMs = leaseMs;
    this.#subscription = connection.subscribe(subject, {
      callback: (error, message) => {
        if (!error) this.#heard(message.string(), performance.now());
      },
    });
    const beat = () => {
      this.#beat();
      onBeat();
    };
    this.#timer = setInterval(beat, leaseMs / beatsPerLease).unref();
    this.#beat();
  }

  /** Whether a gateway has been silent for so long; one that was never heard of, since it was first asked for. */
  isGone(id: string): boolean {
    if (id === this.#id) return false;
    const heardAt = this.#heardAt.get(id) ?? performance.now();
    this.#heardAt.set(id, heardAt);
    return this.#echoAt - heardAt > this.#leaseMs;
  }

  /** Nobody could be heard for a while, which says nothing of anybody. */
  reset(): void {
    this.#heardAt.clear();
  }

  /** Idempotent. */
  close(): void {
    clearInterval(this.#timer);
    if (!this.#connection.isClosed()) this.#subscription.unsubscribe();
  }

  #heard(id: string, now: number): void {
    if (id === this.#id) this.#onEcho(now);
    else this.#heardAt.set(id, now);
  }

  #onEcho(now: number): void {
    if (now - this.#echoAt > this.#leaseMs / 2) this.reset();
    this.#echoAt = now;
    for (const [id, heardAt] of this.#heardAt) {
      if (now - heardAt > forgetAfterLeases * this.#leaseMs) this.#heardAt.delete(id);
    }
  }

  #beat(): void {
    if (!this.#connection.isClosed()) this.#connection.publish(this.#subject, this.#id);
  }
}

/** One that is asked for again after that is waited for once more. */
const forgetAfterLeases = 20;
