import { randomBytes } from 'node:crypto';
import { type JetStreamClient, jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { GatewayError } from '../../errors/index.js';
import { JobService } from '../job-service.js';
import type { JobServiceOptions } from '../job-service-options.js';
import type { JobSource } from '../job-source.js';
import { natsFailure } from './nats-failure.js';
import { NatsParts } from './nats-parts.js';

export interface NatsJobsOptions {
  readonly connection: NatsConnection;
  /** First part of every name. */
  readonly prefix: string;
  /** Servers that keep each thing. */
  readonly replicas: number;
  /** After which a gateway that is not heard of counts as gone. */
  readonly leaseMs: number;
}

/** Longest wait for an answer of NATS. */
const answerMs = 3_000;
/** How often NATS is asked again that has lost, or never had, what belongs to jobs. */
const retryMs = 1_000;

/** The jobs that gateways share over NATS. */
export class NatsJobs implements JobSource {
  accepting = true;
  readonly #options: JobServiceOptions;
  readonly #nats: NatsJobsOptions;
  readonly #gatewayId = `gw_${randomBytes(12).toString('hex')}`;
  readonly #js: JetStreamClient;
  #parts: NatsParts | undefined;
  #service: JobService | undefined;
  #failure: GatewayError | undefined;
  #opening: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: JobServiceOptions, nats: NatsJobsOptions) {
    this.#options = options;
    this.#nats = nats;
    this.#js = jetstream(nats.connection, { timeout: answerMs });
    void this.#follow();
  }

  get service(): JobService {
    if (this.#closed) throw new GatewayError('server_draining');
    if (this.#service && this.#parts?.store.available) return this.#service;
    throw this.#failure ?? natsFailure('NATS is away');
  }

  get counts(): JobService['counts'] | null {
    return this.#closed ? null : (this.#service?.counts ?? null);
  }

  /** Resolves when the first try is over, whichever way; there will be others. Never rejects. */
  open(): Promise<void> {
    this.#opening ??= this.#tryToOpen().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    await this.#opening;
    await this.#service?.close();
    await this.#parts?.close();
  }

  async #tryToOpen(): Promise<void> {
    const { log } = this.#options;
    clearTimeout(this.#retry);
    if (this.#closed) return;
    try {
      this.#parts ??= await NatsParts.create(this.#js, {
        ...this.#nats,
        gatewayId: this.#gatewayId,
        dataDir: this.#options.dataDir,
        reservedBytes: this.#options.reservedBytes,
        warn: log.warn.bind(log),
        onLost: () => void this.open(),
      });
      const { store, uploads } = this.#parts;
      await this.#parts.found();
      this.#service ??= new JobService(this.#options, store, uploads);
      this.#failure = undefined;
      log.info(this.#service.counts, 'jobs opened');
    } catch (error) {
      this.#failure = natsFailure(error);
      const { message, cause } = this.#failure;
      log.warn({ message, cause }, 'jobs are not available');
      this.#retry = setTimeout(() => void this.open(), retryMs).unref();
    }
  }

  async #follow(): Promise<void> {
    for await (const { type } of this.#nats.connection.status()) {
      if (type === 'disconnect') this.#parts?.store.lost();
      if (type === 'reconnect') void this.#openAgain();
    }
  }

  /** What was being opened may be of the connection before. */
  async #openAgain(): Promise<void> {
    await this.#opening;
    await this.open();
  }
}
