import type { Readable } from 'node:stream';
import { GatewayError } from '../errors/index.js';
import type { JobRequest, Upload } from './job.js';
import type { JobStore } from './job-store.js';
import type { Retention } from './retention.js';
import type { Uploads } from './uploads.js';
import type { WebhookSender } from './webhooks/webhook-sender.js';

interface IntakeParts {
  readonly store: JobStore;
  readonly uploads: Uploads;
  readonly webhooks: WebhookSender;
  readonly retention: Retention;
  /** Jobs that may wait. */
  readonly maxQueued: number;
}

/** How files become jobs: room is made, they are received, and then all of a form are jobs or none is. */
export class JobIntake {
  readonly #parts: IntakeParts;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /**
   * Checks what can be checked before anything is received.
   * @param bytes That will come, as far as the sender says.
   * @throws GatewayError `queue_full`, `disk_full`.
   */
  async prepare(bytes: number): Promise<void> {
    this.requirePlaces(1);
    await this.#parts.retention.makeRoom(bytes);
  }

  /**
   * Keeps a file; make jobs of what was received, or discard it.
   * @throws GatewayError `disk_full` where there is no more room while it comes; what the stream or the file system says.
   */
  receive(name: string, stream: Readable): Promise<Upload> {
    const { uploads, retention } = this.#parts;
    return uploads.receive(name, stream, () => retention.makeRoom(0));
  }

  /** Never rejects. */
  async discard({ id }: Upload): Promise<void> {
    await this.#parts.uploads.remove(id);
  }

  /**
   * @returns The ids of the jobs.
   * @throws GatewayError `webhook_refused`, `queue_full`, `disk_full`, `jobs_unavailable`; then there are none of them.
   */
  async create(received: readonly Upload[], request: JobRequest): Promise<string[]> {
    const { store, uploads, webhooks, retention } = this.#parts;
    if (request.webhookUrl !== null) webhooks.check(request.webhookUrl);
    this.requirePlaces(received.length);
    const jobs = await store.add(received, request, Date.now());
    for (const { id } of received) uploads.release(id);
    retention.enforce();
    return jobs.map(({ id }) => id);
  }

  /** @throws GatewayError `queue_full` where so many jobs more may not wait. */
  requirePlaces(count: number): void {
    const { store, maxQueued } = this.#parts;
    if (store.count('queued') + count > maxQueued) {
      throw new GatewayError('queue_full', { message: 'Too many jobs are waiting.' });
    }
  }
}
