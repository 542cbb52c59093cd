import { join } from 'node:path';
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import { type ObjectStore, Objm } from '@nats-io/obj';
import type { NatsConnection } from '@nats-io/transport-node';
import { GatewayError } from '../../errors/index.js';
import { GatewayPulse } from './gateway-pulse.js';
import { NatsJobStore } from './nats-job-store.js';
import { ObjectFiles } from './object-files.js';
import { RecordBucket } from './record-bucket.js';
import { SharedUploads, type SharedUploadsOptions } from './shared-uploads.js';
import { WindowLog } from './window-log.js';

interface PartsOptions {
  readonly connection: NatsConnection;
  readonly prefix: string;
  readonly replicas: number;
  readonly leaseMs: number;
  readonly gatewayId: string;
  readonly dataDir: string;
  readonly reservedBytes: number;
  readonly warn: (fields: object, message: string) => void;
  readonly onLost: () => void;
}

/** In the data folder: files of jobs that gateways have at hand. */
const uploadsFolder = 'shared-uploads';
/** How often what interrupted work left behind is looked for. */
const sweepMs = 600_000;

/** What lies in NATS of jobs: a bucket of records, a stream of windows, an object store of uploads. */
interface Stored {
  readonly manager: JetStreamManager;
  readonly kv: KV;
  readonly objects: ObjectStore;
  readonly windows: WindowLog;
}

/** What jobs over NATS are made of. */
export class NatsParts {
  readonly store: NatsJobStore;
  readonly uploads: SharedUploads;
  readonly #js: JetStreamClient;
  readonly #options: PartsOptions;
  readonly #files: ObjectFiles;
  readonly #windows: WindowLog;
  readonly #pulse: GatewayPulse;
  readonly #timer: NodeJS.Timeout;

  /** @throws What NATS or the file system says. */
  static async create(js: JetStreamClient, options: PartsOptions): Promise<NatsParts> {
    return new NatsParts(js, options, await ensureStored(js, options));
  }

  private constructor(js: JetStreamClient, options: PartsOptions, stored: Stored) {
    const { gatewayId, connection, prefix, leaseMs, warn, onLost } = options;
    const { manager, kv, objects, windows } = stored;
    this.#js = js;
    this.#options = options;
    this.#windows = windows;
    this.#files = new ObjectFiles({ js, manager, objects, bucket: uploadsBucket(prefix) });
    this.uploads = openUploads(this.#files, {
      parent: join(options.dataDir, uploadsFolder),
      name: gatewayId,
      reservedBytes: options.reservedBytes,
    });
    this.store = new NatsJobStore({
      gatewayId,
      log: windows,
      isGone: (id) => this.#pulse.isGone(id),
      openRecords: (hooks) => {
        const bucket = recordsBucket(prefix);
        return new RecordBucket({ js, manager, kv, bucket }, hooks);
      },
      warn,
      onLost,
    });
    this.#pulse = new GatewayPulse(connection, {
      subject: `${prefix}.jobs.alive`,
      id: gatewayId,
      leaseMs,
      onBeat: () => void this.store.tend(),
    });
    this.#timer = setInterval(() => void this.#sweep(), sweepMs).unref();
  }

  /** NATS is there: all that has to be in it is, and is known. @throws What NATS says. */
  async found(): Promise<void> {
    await ensureStored(this.#js, this.#options);
    this.#pulse.reset();
    await this.store.found();
  }

  /** Idempotent. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#pulse.close();
    await this.store.close();
    await this.uploads.close();
  }

  async #sweep(): Promise<void> {
    const { store } = this;
    if (!store.available) return;
    const isNeeded = (id: string) => store.find(id) !== undefined;
    try {
      await store.sweep();
      await this.#windows.tidy(isNeeded);
      await this.#files.tidy(isNeeded);
    } catch (error) {
      this.#options.warn({ error }, 'what is left of jobs could not be removed');
    }
  }
}

/** @throws GatewayError `jobs_unavailable`, which names the folder. */
function openUploads(files: ObjectFiles, options: SharedUploadsOptions): SharedUploads {
  try {
    return new SharedUploads(files, options);
  } catch (cause) {
    throw new GatewayError('jobs_unavailable', {
      message: `The folder ${options.parent} cannot be used: ${(cause as Error).message}.`,
      cause,
    });
  }
}

async function ensureStored(
  js: JetStreamClient,
  { prefix, replicas }: Pick<PartsOptions, 'prefix' | 'replicas'>,
): Promise<Stored> {
  const manager = await js.jetstreamManager();
  // What a server that lags behind says would be out of date.
  const limits = { history: 1, replicas, allow_direct: false };
  const kv = await new Kvm(js).create(recordsBucket(prefix), limits);
  const objects = await new Objm(js).create(uploadsBucket(prefix), { replicas });
  const windows = new WindowLog(js, manager, `${prefix}_job_windows`);
  await windows.ensure(replicas);
  return { manager, kv, objects, windows };
}

function recordsBucket(prefix: string): string {
  return `${prefix}_jobs`;
}

function uploadsBucket(prefix: string): string {
  return `${prefix}_uploads`;
}
