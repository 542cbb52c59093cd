import { createInbox, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { type Failure, fromFailure, type Hypothesis } from '../engine/index.js';
import { GatewayError } from '../errors/index.js';
import {
  decodeAnswer,
  encodeCall,
  type HostAnswer,
  type HostCall,
  hostTiming,
} from './messages.js';
import type { Subjects } from './subjects.js';

/** What became of a call: its result, or that it was not taken and why; then nothing was done for it. */
export type CallOutcome =
  | { readonly kind: 'done'; readonly hypothesis: Hypothesis | null }
  | { readonly kind: 'not_taken'; readonly why: 'busy' | 'draining' | 'nobody' | 'silent' };

export interface HostCallsOptions {
  readonly connection: NatsConnection;
  readonly subjects: Subjects;
  /** Nobody listens under its name any more. */
  readonly onGone: (instance: string) => void;
}

/** A call on its way. */
interface Pending {
  /** Null until one of a group has taken it. */
  instance: string | null;
  taken: boolean;
  timer: NodeJS.Timeout | undefined;
  /** Aborted where we want it no more. */
  readonly signal: AbortSignal;
  readonly onTaken: (instance: string) => void;
  readonly settle: (outcome: CallOutcome | GatewayError) => void;
}

/** The code that NATS answers with where nobody listens. */
const noResponders = 503;

/** The calls of one gateway that have no answer yet. */
export class HostCalls {
  readonly #options: HostCallsOptions;
  /** What follows tells which call, or whose probe, an answer belongs to. */
  readonly #inbox = createInbox();
  readonly #calls = new Map<string, Pending>();
  readonly #probing: NodeJS.Timeout;
  #last = 0;

  constructor(options: HostCallsOptions) {
    this.#options = options;
    options.connection.subscribe(`${this.#inbox}.>`, {
      callback: (error, message) => {
        if (!error) this.#heard(message);
      },
    });
    this.#probing = setInterval(() => this.#probe(), hostTiming.probeMs).unref();
  }

  /**
   * Asks one host, or any that has the model. Settles when the host has ended it; after `signal` aborts
   * that is within milliseconds, with `cancelled`.
   * @param onTaken Called with the host that has taken it.
   * @throws GatewayError what the host failed with; `engine_died` where it was lost meanwhile; `cancelled`;
   *   `window_too_large`.
   */
  call(
    to: { readonly instance: string } | { readonly model: string },
    call: HostCall,
    signal: AbortSignal,
    onTaken: (instance: string) => void = () => {},
  ): Promise<CallOutcome> {
    const { connection, subjects } = this.#options;
    const frame = encodeCall(call);
    assertFits(frame, connection);
    if (signal.aborted) return Promise.reject(new GatewayError('cancelled'));
    const id = `${this.#inbox}.${++this.#last}`;
    return new Promise((resolve, reject) => {
      const pending: Pending = {
        instance: 'instance' in to ? to.instance : null,
        taken: false,
        timer: undefined,
        signal,
        onTaken,
        settle: (outcome) => {
          if (!this.#calls.delete(id)) return;
          clearTimeout(pending.timer);
          signal.removeEventListener('abort', cancel);
          if (outcome instanceof GatewayError) reject(outcome);
          else resolve(outcome);
        },
      };
      const cancel = () => this.#cancel(id, pending);
      signal.addEventListener('abort', cancel);
      this.#calls.set(id, pending);
      pending.timer = setTimeout(() => this.#notTaken(id, pending), hostTiming.takenTimeoutMs);
      const subject = 'instance' in to ? subjects.host(to.instance) : subjects.model(to.model);
      connection.publish(subject, frame, { reply: id });
    });
  }

  /** Gives up what a host, or with null whoever, was asked: no answer will come. */
  lose(instance: string | null, name: string): void {
    for (const pending of [...this.#calls.values()]) {
      if (instance !== null && pending.instance !== instance) continue;
      const message = `The connection to the inference host ${name} was lost.`;
      if (pending.taken) pending.settle(new GatewayError('engine_died', { message }));
      else pending.settle({ kind: 'not_taken', why: 'nobody' });
    }
  }

  /** Ends every call with `engine_unavailable`, and tells the hosts. */
  close(): void {
    clearInterval(this.#probing);
    for (const [id, pending] of [...this.#calls]) {
      this.#sendCancel(id, pending);
      pending.settle(new GatewayError('engine_unavailable'));
    }
  }

  #heard({ subject, data, headers }: Msg): void {
    const probed = subject.startsWith(`${this.#inbox}.probe.`);
    const nobody = headers?.code === noResponders;
    if (probed) {
      if (nobody) this.#options.onGone(subject.slice(subject.lastIndexOf('.') + 1));
      return;
    }
    const pending = this.#calls.get(subject);
    if (!pending) return;
    if (nobody) return pending.settle({ kind: 'not_taken', why: 'nobody' });
    try {
      this.#answered(pending, decodeAnswer(data));
    } catch (error) {
      pending.settle(GatewayError.from(error));
    }
  }

  #answered(pending: Pending, answer: HostAnswer): void {
    switch (answer.kind) {
      case 'taken':
        if (pending.taken) return;
        pending.taken = true;
        clearTimeout(pending.timer);
        pending.instance = answer.instance;
        return pending.onTaken(answer.instance);
      case 'refused':
        return pending.settle({ kind: 'not_taken', why: answer.why });
      case 'done':
        return pending.settle(answer);
      case 'failed':
        return pending.settle(failureOf(pending, answer.failure));
    }
  }

  #notTaken(id: string, pending: Pending): void {
    // It may have heard us nevertheless, and only be slow.
    this.#sendCancel(id, pending);
    pending.settle({ kind: 'not_taken', why: 'silent' });
  }

  /** The slot is free when the host says so; one that does not is not waited for. */
  #cancel(id: string, pending: Pending): void {
    this.#sendCancel(id, pending);
    clearTimeout(pending.timer);
    const cancelled = () => pending.settle(new GatewayError('cancelled'));
    pending.timer = setTimeout(cancelled, hostTiming.cancelTimeoutMs);
    // Nobody is known to have it.
    if (pending.instance === null) cancelled();
  }

  #sendCancel(id: string, { instance }: Pending): void {
    const { connection, subjects } = this.#options;
    if (instance === null || connection.isClosed()) return;
    connection.publish(subjects.host(instance), encodeCall({ kind: 'cancel', id }));
  }

  #probe(): void {
    const { connection, subjects } = this.#options;
    const instances = new Set([...this.#calls.values()].map(({ instance }) => instance));
    for (const instance of instances) {
      if (instance === null) continue;
      const reply = `${this.#inbox}.probe.${instance}`;
      connection.publish(subjects.host(instance), encodeCall({ kind: 'probe' }), { reply });
    }
  }
}

/** What a host gave up unasked, as it does when it loses NATS or is ended, may be tried elsewhere. */
function failureOf({ signal }: Pending, failure: Failure): GatewayError {
  if (failure.code !== 'cancelled' || signal.aborted) return fromFailure(failure);
  const message = 'The inference host gave this up.';
  return new GatewayError('engine_died', { message });
}

function assertFits({ length }: Uint8Array, { info }: NatsConnection): void {
  if (!info || length <= info.max_payload) return;
  const message = `This window takes ${length} bytes, and NATS lets ${info.max_payload} through: raise its max_payload.`;
  throw new GatewayError('window_too_large', { message });
}
