import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/transport-node';
import { type Config, packageRoot } from '../config/index.js';
import { findGpus, usableCores } from '../devices/index.js';
import {
  createVoiceActivityProcess,
  createWorkerPool,
  type LogLevel,
  planDevices,
  type VoiceActivityProcess,
  type WorkerPoolHooks,
} from '../engine/index.js';
import type { GatewayError } from '../errors/index.js';
import {
  embeddedVoiceActivityModel,
  memoryOfFile,
  type PreparedModel,
  resolveModel,
} from '../models/index.js';
import type { Logger, Metrics, RecentErrors } from '../telemetry/index.js';

/** What a gateway opens its processes with. */
export interface Surroundings {
  readonly modelsDir: string;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly errors: RecentErrors;
  /** Where what is shared with other gateways lies; null where nothing is. */
  readonly nats: NatsConnection | null;
  /** Receives what ends each process again. */
  readonly closers: (() => Promise<void>)[];
}

/**
 * The workers of one model, on what this machine has to compute with; not started yet.
 * @throws GatewayError `model_not_found` or `model_corrupt`.
 */
export async function prepareEngine(
  name: string,
  config: Config,
  around: Surroundings,
): Promise<PreparedModel> {
  const { backend, slots, threadsPerSlot: threads, fallbackModel } = config;
  const model = { name, path: await resolveModel(name, around.modelsDir) };
  const { weightsBytes, workingBytes } = await memoryOfFile(model.path);
  const gpus = backend === 'cpu' ? [] : await findUsableGpus(around);
  const cores = usableCores();
  const inferenceMemory = weightsBytes + workingBytes;
  const addons = addonPaths();
  const plan = planDevices({ backend, addons, gpus, slots, cores, threads, inferenceMemory });
  const watched = supervision('inference', config, around);
  const options = {
    ...watched,
    ...plan,
    model,
    fallbackModel: fallbackModel
      ? { name: fallbackModel, path: await resolveModel(fallbackModel, around.modelsDir) }
      : undefined,
    threads,
    cores,
    requestTimeoutMs: config.requestTimeoutMs,
    liveTimeoutMs: config.liveTimeoutMs,
    memoryQuietMs: config.memoryQuietMs,
    hooks: poolHooks(around, watched),
  };
  return {
    memoryBytes: plan.devices.reduce(
      (sum, device) => sum + weightsBytes + device.slots * workingBytes,
      0,
    ),
    open: async (signal) => {
      const engine = await createWorkerPool({ ...options, signal });
      return { engine, close: () => engine.close() };
    },
  };
}

/** Asked anew each time: what is free of their memory changes. */
async function findUsableGpus({ logger }: Surroundings) {
  const { gpus, warnings } = await findGpus(addonPaths().cuda);
  for (const warning of warnings) logger.warn(warning);
  return gpus;
}

/** Voice activity, on the CPU. @throws GatewayError as `createVoiceActivityProcess`. */
export async function openVoiceActivity(
  config: Config,
  around: Surroundings,
): Promise<VoiceActivityProcess> {
  const process = await createVoiceActivityProcess({
    addonPath: addonPaths().cpu,
    modelPath: await resolveModel(embeddedVoiceActivityModel.name, around.modelsDir),
    maxSessions: config.maxConnections + config.maxTranscriptions + config.jobsConcurrency,
    ...supervision('voice_activity', config, around),
  });
  around.closers.push(() => process.close());
  return process;
}

/** The addons that there may be. The one for GPUs computes on the CPU as well, where it is alone. */
function addonPaths(): { cpu: string; cuda: string } {
  const [cpu, cuda] = ['cpu', 'cuda'].map((backend) =>
    join(packageRoot, 'build', backend, 'whisper_gateway.node'),
  ) as [string, string];
  return { cpu: existsSync(cpu) || !existsSync(cuda) ? cpu : cuda, cuda };
}

/** What memory and fallbacks do to the engine, said once each, as an operator should hear it. */
function poolHooks(
  { metrics, logger }: Surroundings,
  { onRestart, onOpen }: Pick<ReturnType<typeof supervision>, 'onRestart' | 'onOpen'>,
): WorkerPoolHooks {
  return {
    onRestart,
    onOpen: (error, _worker, pauseMs) => onOpen(error, pauseMs),
    onMemoryStep: ({ worker, step, direction, note }) => {
      metrics.memorySteps.inc({ step, direction });
      logger.warn({ worker, step, direction }, note);
    },
    onFallback: ({ code, cause }) =>
      logger.warn({ code, cause, next: 'cpu' }, 'no GPU can be used, so the CPU is'),
  };
}

/** What every process that runs the addon is started and watched with. */
function supervision(
  worker: 'inference' | 'voice_activity',
  config: Config,
  { metrics, logger, errors }: Surroundings,
) {
  metrics.workerRestarts.inc({ worker }, 0);
  metrics.breakerOpenings.inc({ worker }, 0);
  return {
    startTimeoutMs: config.workerStartTimeoutMs,
    onRestart: (error: GatewayError) => {
      metrics.workerRestarts.inc({ worker });
      errors.note(error.code);
      logger.warn({ worker, code: error.code, cause: error.cause }, 'worker replaced');
    },
    onOpen: (error: GatewayError, pauseMs: number) => {
      metrics.breakerOpenings.inc({ worker });
      logger.error({ worker, code: error.code, cause: error.cause, pauseMs }, 'worker given up');
    },
    onLog: (level: LogLevel, line: string) => logger.debug({ level, line }, 'native'),
  };
}
