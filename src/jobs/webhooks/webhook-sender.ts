import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { GatewayError } from '../../errors/index.js';
import type { Job } from '../job.js';
import type { JobView } from '../job-schema.js';
import type { Delivery, DeliveryStore } from './delivery-store.js';
import { postWebhook } from './post-webhook.js';
import { signedHeaders } from './sign-webhook.js';
import { checkWebhookUrl } from './webhook-url.js';

export interface WebhookOptions {
  /** Signs every notice; without one there are none. */
  readonly secret: string | undefined;
  readonly allowPrivate: boolean;
  /** Before the second try. */
  readonly retryDelayMs: number;
  readonly maxTries: number;
  readonly onSettled: (outcome: 'delivered' | 'given_up') => void;
  readonly log: { warn(fields: object, message: string): void };
}

/** Each wait is so much longer than the one before it, up to a longest one. */
const backoff = { factor: 4, maxDelayMs: 6 * 3_600_000, jitter: 0.2 } as const;
/** Notices that are on their way at the same time. */
const concurrency = 8;
/** Longest time for a receiver to answer. */
const answerTimeoutMs = 10_000;
/** Before the next look where nothing could be kept. */
const pauseMs = 1_000;
/** After so long, another gateway takes it that the one which was sending a notice is gone. */
const sendingMs = 3 * answerTimeoutMs;
/** The receiver has said that it wants no more. */
const gone = 410;

/** Delivers notices of jobs that ended; what is not delivered yet is kept, and outlives this process. */
export class WebhookSender {
  readonly #store: DeliveryStore;
  readonly #options: WebhookOptions;
  readonly #underway = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(store: DeliveryStore, options: WebhookOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** @throws GatewayError `webhook_refused` where nothing could ever be delivered there. */
  check(url: string): void {
    if (this.#options.secret === undefined) {
      throw new GatewayError('webhook_refused', {
        message: 'Webhooks are signed, and there is no key to do so: WEBHOOK_SECRET has to be set.',
      });
    }
    checkWebhookUrl(url, this.#options.allowPrivate);
  }

  /** Delivers what is due now, and the rest when it is. Never throws: what fails here waits for the next call. */
  fill(): void {
    clearTimeout(this.#timer);
    if (this.#closing.signal.aborted) return;
    try {
      this.#fill();
    } catch (error) {
      this.#options.log.warn({ cause: error }, 'webhooks could not be looked up');
    }
  }

  #fill(): void {
    const waiting = this.#store.list(2 * concurrency).filter(({ id }) => !this.#underway.has(id));
    const now = Date.now();
    for (const delivery of waiting) {
      if (this.#underway.size >= concurrency) return;
      if (delivery.dueAtMs > now) {
        this.#timer = setTimeout(() => this.fill(), delivery.dueAtMs - now).unref();
        return;
      }
      const sent = this.#deliver(delivery)
        .catch((cause) => {
          this.#options.log.warn({ cause }, 'the outcome of a webhook could not be kept');
          return pause(pauseMs, undefined, { signal: this.#closing.signal }).catch(() => {});
        })
        .finally(() => {
          this.#underway.delete(delivery.id);
          this.fill();
        });
      this.#underway.set(delivery.id, sent);
    }
  }

  /** Leaves what is on its way to the next start. Idempotent. Never rejects. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    await Promise.all(this.#underway.values());
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { onSettled, maxTries, log } = this.#options;
    if (!(await this.#store.take(delivery.id, Date.now() + sendingMs))) return;
    const failure = await this.#send(delivery);
    if (this.#closing.signal.aborted) return;
    if (failure === null) {
      await this.#store.settled(delivery.id);
      return onSettled('delivered');
    }
    const tries = delivery.tries + 1;
    const final = failure.permanent || tries >= maxTries;
    const fields = { webhookId: delivery.id, tries, cause: failure.cause };
    log.warn(fields, final ? 'webhook given up' : 'webhook failed');
    if (!final) {
      return this.#store.failed(delivery.id, Date.now() + this.#delayMs(delivery.tries));
    }
    await this.#store.settled(delivery.id);
    onSettled('given_up');
  }

  /** @returns What went wrong; null where nothing did. */
  async #send(delivery: Delivery): Promise<{ permanent: boolean; cause: unknown } | null> {
    const { secret = '', allowPrivate } = this.#options;
    const late = AbortSignal.timeout(answerTimeoutMs);
    try {
      const status = await postWebhook({
        url: delivery.url,
        body: delivery.body,
        headers: signedHeaders(delivery, secret, Date.now()),
        allowPrivate,
        signal: AbortSignal.any([late, this.#closing.signal]),
      });
      if (status >= 200 && status < 300) return null;
      return { permanent: status === gone, cause: `status ${status}` };
    } catch (error) {
      const permanent = error instanceof GatewayError && !error.retryable;
      return { permanent, cause: late.aborted ? 'no answer in time' : error };
    }
  }

  #delayMs(failures: number): number {
    const delayMs = Math.min(
      this.#options.retryDelayMs * backoff.factor ** failures,
      backoff.maxDelayMs,
    );
    return Math.round(delayMs * (1 + backoff.jitter * Math.random()));
  }
}

/** What a webhook is told of a job that has ended; null where nobody asked to be. */
export function noticeOf(job: Job, view: JobView, nowMs: number): Delivery | null {
  if (job.webhookUrl === null) return null;
  const timestamp = new Date(nowMs).toISOString();
  return {
    id: `msg_${randomBytes(12).toString('hex')}`,
    url: job.webhookUrl,
    body: JSON.stringify({ type: `job.${job.state}`, timestamp, data: view }),
    tries: 0,
    dueAtMs: nowMs,
  };
}
