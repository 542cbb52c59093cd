import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { type Config, ConfigError, packageRoot, version } from '../config/index.js';
import type { Engine } from '../engine/index.js';
import { InferenceHost } from '../hosts/index.js';
import type { ModelManager } from '../models/index.js';
import {
  createLogger,
  createMetrics,
  createRecentErrors,
  type Logger,
} from '../telemetry/index.js';
import { openModels } from './open-models.js';
import { openNats } from './open-nats.js';
import { withClosers } from './with-closers.js';

/** Parts that a test, or a larger program, brings itself. */
export interface WorkerParts {
  readonly engine?: Engine;
  readonly logger?: Logger;
}

/** A host that computes for gateways. */
export interface Worker {
  /** Its machine and process, as gateways call it. */
  readonly name: string;
  readonly model: string;
  readonly device: string;
  readonly slots: number;
  /** Finishes what it has taken within the shutdown timeout, then ends every process. Idempotent. */
  close(): Promise<void>;
}

/**
 * Opens the models as a gateway does, and computes with them for every gateway on the same NATS.
 * @throws ConfigError without a NATS_URL; GatewayError of NATS, the model or the engine.
 */
export async function createWorker(given: Config, parts: WorkerParts = {}): Promise<Worker> {
  if (given.natsUrl === undefined) {
    throw new ConfigError('NATS_URL has to be set: that is where gateways ask a worker.');
  }
  // Whatever gateways with the same settings do, this is where windows are computed.
  const config: Config = { ...given, engine: 'local' };
  const logger = parts.logger ?? createLogger(config.logLevel);
  return withClosers((closers, close) => open(config, parts, logger, closers, close));
}

async function open(
  config: Config,
  { engine: own }: WorkerParts,
  logger: Logger,
  closers: (() => Promise<void>)[],
  close: () => Promise<void>,
): Promise<Worker> {
  const nats = await openNats(config, { logger, closers }, 'worker');
  const around = {
    modelsDir: resolve(packageRoot, config.modelsDir),
    metrics: createMetrics(),
    logger,
    errors: createRecentErrors(),
    closers,
    nats,
  };
  const { models, engine } = await openModels(config, around, own);
  const name = `${hostname()}:${process.pid}`;
  if (!nats) throw new Error('A worker without NATS.');
  const host = await InferenceHost.open({
    connection: nats,
    prefix: config.natsPrefix,
    name,
    version,
    engine,
    models: () => offeredBy(models),
    load: async (model, signal) => (await models.lease(model, { signal })).release(),
    onUnreadable: ({ message, cause }) => logger.warn({ message, cause }, 'message not understood'),
  });
  closers.push(async () => {
    logger.info('draining');
    await host.drain(config.shutdownTimeoutMs);
    await host.close();
  });
  logger.info({ ...engine.info, slots: engine.slots, name }, 'worker ready');
  return {
    name,
    model: engine.info.model,
    device: engine.info.device,
    get slots() {
      return engine.slots;
    },
    close,
  };
}

async function offeredBy(models: ModelManager) {
  const available = await models.available();
  return available.map((model) => ({ ...model, loaded: models.engineOf(model.name) !== null }));
}
