import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, packageRoot } from '../config/index.js';
import { findGpus, usableCores } from '../devices/index.js';
import {
  createVoiceActivityProcess,
  createWorkerPool,
  type LogLevel,
  planDevices,
  type VoiceActivityProcess,
  type WorkerPool,
  type WorkerPoolHooks,
} from '../engine/index.js';
import type { GatewayError } from '../errors/index.js';
import { embeddedVoiceActivityModel, memoryOf, resolveModel } from '../models/index.js';
import type { Logger, Metrics } from '../telemetry/index.js';

/** What a gateway opens its processes with. */
interface Surroundings {
  readonly modelsDir: string;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Receives what ends each process again. */
  readonly closers: (() => Promise<void>)[];
}

/**
 * The workers, on what this machine has to compute with.
 * @throws GatewayError `model_not_found`, `model_corrupt`, or why no worker could start.
 */
export async function openEngine(config: Config, around: Surroundings): Promise<WorkerPool> {
  const { backend, slots, threadsPerSlot: threads, fallbackModel } = config;
  const { modelsDir, closers } = around;
  const model = { name: config.model, path: await resolveModel(config.model, modelsDir) };
  const { size } = await stat(model.path);
  const addons = addonPaths();
  const gpus = backend === 'cpu' ? [] : await usableGpus(addons.cuda, around.logger);
  const cores = usableCores();
  const inferenceMemory = memoryOf(model.name, size);
  const watched = supervision('inference', config, around);
  const pool = await createWorkerPool({
    ...watched,
    ...planDevices({ backend, addons, gpus, slots, cores, threads, inferenceMemory }),
    model,
    fallbackModel: fallbackModel
      ? { name: fallbackModel, path: await resolveModel(fallbackModel, modelsDir) }
      : undefined,
    threads,
    cores,
    requestTimeoutMs: config.requestTimeoutMs,
    liveTimeoutMs: config.liveTimeoutMs,
    memoryQuietMs: config.memoryQuietMs,
    hooks: poolHooks(around, watched),
  });
  closers.push(() => pool.close());
  return pool;
}

/** Voice activity, on the CPU. @throws GatewayError as `createVoiceActivityProcess`. */
export async function openVoiceActivity(
  config: Config,
  around: Surroundings,
): Promise<VoiceActivityProcess> {
  const process = await createVoiceActivityProcess({
    addonPath: addonPaths().cpu,
    modelPath: await resolveModel(embeddedVoiceActivityModel.name, around.modelsDir),
    maxSessions: config.maxConnections + config.maxTranscriptions,
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

async function usableGpus(addonPath: string, logger: Logger) {
  const { gpus, warnings } = await findGpus(addonPath);
  for (const warning of warnings) logger.warn(warning);
  return gpus;
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
  { metrics, logger }: Surroundings,
) {
  return {
    startTimeoutMs: config.workerStartTimeoutMs,
    onRestart: (error: GatewayError) => {
      metrics.workerRestarts.inc({ worker });
      logger.warn({ worker, code: error.code, cause: error.cause }, 'worker replaced');
    },
    onOpen: (error: GatewayError, pauseMs: number) => {
      metrics.breakerOpenings.inc({ worker });
      logger.error({ worker, code: error.code, cause: error.cause, pauseMs }, 'worker given up');
    },
    onLog: (level: LogLevel, line: string) => logger.debug({ level, line }, 'native'),
  };
}
