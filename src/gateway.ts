import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { createDecoderFactory, type FfmpegOptions, findFfmpeg } from './audio/index.js';
import { type Config, packageRoot, version } from './config/index.js';
import { usableCores } from './devices/index.js';
import {
  createVoiceActivityProcess,
  createWorkerPool,
  type Engine,
  type LogLevel,
  type WorkerPool,
} from './engine/index.js';
import type { GatewayError } from './errors/index.js';
import { createHttpApp, type DeviceMemory, type Health, type Stats } from './http/index.js';
import { embeddedVoiceActivityModel, resolveModel } from './models/index.js';
import type { RecordingDefaults, RecordingDependencies } from './recording/index.js';
import {
  cachedSubmit,
  createHypothesisCache,
  createScheduler,
  retryPolicies,
  type SlotSetting,
} from './scheduler/index.js';
import {
  AudioProcessor,
  type AudioProcessorOptions,
  type NumberedEvent,
  SessionRegistry,
} from './session/index.js';
import { createSpeechEngines, type SpeechEngines, SpeechService } from './speech/index.js';
import {
  createLogger,
  createMetrics,
  type Logger,
  type Metrics,
  residentMemory,
  schedulerHooks,
  sessionMetrics,
  speechHooks,
} from './telemetry/index.js';
import { attachWsStreamServer } from './transport/index.js';

/** Parts that a test, or a larger program, brings itself. */
export interface GatewayParts {
  readonly engine?: Engine;
  readonly speechEngines?: SpeechEngines;
  readonly logger?: Logger;
}

/** A gateway that listens. */
export interface Gateway {
  /** Where it listens, as `http://host:port`. */
  readonly url: string;
  readonly health: () => Health;
  /** Finishes live sessions within the shutdown timeout, then ends every process. Idempotent. */
  close(): Promise<void>;
}

/**
 * The composition root: creates every real part, joins them, and listens. What it opened is closed
 * again where a later part fails.
 * @throws GatewayError of the model, the engine or ffmpeg; the server's error where the port is taken.
 */
export async function createGateway(config: Config, parts: GatewayParts = {}): Promise<Gateway> {
  const logger = parts.logger ?? createLogger(config.logLevel);
  const closers: (() => Promise<void>)[] = [];
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= closeInReverse(closers);
    return closing;
  };
  try {
    return await open(config, parts, logger, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  config: Config,
  parts: GatewayParts,
  logger: Logger,
  closers: (() => Promise<void>)[],
  close: () => Promise<void>,
): Promise<Gateway> {
  const metrics = createMetrics();
  const modelsDir = resolve(packageRoot, config.modelsDir);
  const [ffmpeg, voiceActivity, engine] = await Promise.all([
    findFfmpeg(config.ffmpegPath),
    openVoiceActivity(config, modelsDir, metrics, logger, closers),
    parts.engine ?? openWorkerPool(config, modelsDir, metrics, logger, closers),
  ]);
  logger.info({ ...engine.info, slots: engine.slots, ffmpeg }, 'engine ready');

  const { scheduler, submit, cache } = openScheduler(config, engine, metrics);
  closers.push(() => scheduler.close());

  const createDecoder = createDecoderFactory({
    ffmpeg,
    maxCollectedBytes: config.maxCollectedBytes,
    decoderStallMs: config.decoderStallMs,
    minChunkBytes: config.minChunkBytes,
    onChild: (delta) => metrics.ffmpegChildren.inc(delta),
    log: logger,
  });
  const registry = new SessionRegistry(config.maxConnections);
  const observed = sessionMetrics(metrics);
  const createProcessor = (send: (event: NumberedEvent) => void) => {
    const sessionId = randomUUID();
    return new AudioProcessor(
      sessionId,
      {
        createDecoder,
        createVoiceActivity: voiceActivity,
        submit: (window, signal, onStarted) =>
          submit({ window, signal, ...(onStarted && { onStarted }) }),
        metrics: observed,
        engine,
        log: logger.child({ sessionId }),
      },
      sessionOptions(config),
      send,
    );
  };

  const health = (): Health => ({
    status: registry.draining ? 'draining' : engine.ready ? 'ok' : 'degraded',
    version,
    ...engine.info,
    ready: engine.ready && !registry.draining,
    slots: scheduler.concurrency,
    sessions: registry.size,
    max_connections: config.maxConnections,
  });
  const readMetrics = () => {
    metrics.sessions.set(registry.size);
    metrics.slots.set(scheduler.concurrency);
    metrics.activeSlots.set(scheduler.active);
    metrics.speechActive.set(speech.active);
    for (const [lane, count] of Object.entries(scheduler.waiting))
      metrics.queue.set({ lane }, count);
    return metrics.registry.metrics();
  };
  const stats = async (): Promise<Stats> => ({
    ...scheduler.stats,
    cache: cache && { entries: cache.entries, bytes: cache.bytes },
    devices: await devices(engine),
    models: [engine.info],
    switches: 0,
  });
  const setSlots = (slots: SlotSetting) => {
    scheduler.slots = slots;
    logger.info({ slots, concurrency: scheduler.concurrency }, 'slots set');
    return scheduler.concurrency;
  };
  const speech = new SpeechService({
    ffmpeg,
    defaultModel: config.speechModel,
    maxConcurrent: config.maxSpeech,
    engines: parts.speechEngines ?? openSpeechEngines(config, modelsDir, logger),
    hooks: speechHooks(metrics),
  });
  closers.push(() => speech.close());
  const app = createHttpApp(
    { health, metrics: readMetrics, stats, setSlots, speech, error: logger.error.bind(logger) },
    { ...config, apiKey: config.apiKey },
  );
  attachWsStreamServer(
    app.server,
    {
      registry,
      createProcessor,
      onRefused: (code) => metrics.refused.inc({ code }),
      debug: logger.debug.bind(logger),
    },
    { ...config, apiKey: config.apiKey },
  );
  await app.listen({ host: config.host, port: config.port });
  closers.push(() => app.close());
  // Sessions are drained while the server still listens, so that /ready can say so.
  closers.push(() => registry.drain(config.shutdownTimeoutMs));
  return { url: urlOf(app.server.address() as AddressInfo), health, close };
}

/** The scheduler, and how windows reach it: past the kept answers, where there are any. */
function openScheduler(config: Config, engine: Engine, metrics: Metrics) {
  const scheduler = createScheduler({
    engine,
    maxQueued: {
      final: config.maxQueuedFinal,
      partial: config.maxQueuedPartial,
      batch: config.maxQueuedBatch,
    },
    maxPartialAgeMs: config.maxPartialAgeMs,
    retry: retryPolicies(config),
    hooks: schedulerHooks(metrics),
  });
  const submit = scheduler.submit.bind(scheduler);
  if (config.cacheEntries === 0) return { scheduler, submit, cache: null };
  const { cacheEntries: maxEntries, cacheBytes: maxBytes } = config;
  const cache = createHypothesisCache({ maxEntries, maxBytes });
  const model = () => engine.info.model;
  const onLookup = (result: 'hit' | 'miss') => metrics.cacheLookups.inc({ result });
  return { scheduler, submit: cachedSubmit(submit, { cache, model, onLookup }), cache };
}

/** What the gateway and its workers take of this machine's memory. */
async function devices(engine: Engine | WorkerPool): Promise<DeviceMemory[]> {
  const workers = 'workerPids' in engine ? engine.workerPids : [];
  return [{ device: 'cpu', used_bytes: await residentMemory(workers), total_bytes: totalmem() }];
}

/** The parts of a gateway that transcribe recordings, without any that listen. */
export interface Transcription {
  readonly dependencies: RecordingDependencies;
  /** What `AudioFile` decodes with. @param warn Hears what is wrong with a file that can be used. */
  readonly fileOptions: (warn: (fields: object, message: string) => void) => FfmpegOptions;
  /** What a recording is transcribed with, unless something else is asked for. */
  readonly defaults: RecordingDefaults;
  /** Ends every process. Idempotent. */
  close(): Promise<void>;
}

/** @throws GatewayError of the model, the engine or ffmpeg. */
export async function openTranscription(config: Config): Promise<Transcription> {
  const logger = createLogger('silent');
  const metrics = createMetrics();
  const modelsDir = resolve(packageRoot, config.modelsDir);
  const closers: (() => Promise<void>)[] = [];
  try {
    const [ffmpeg, createVoiceActivity, engine] = await Promise.all([
      findFfmpeg(config.ffmpegPath),
      openVoiceActivity(config, modelsDir, metrics, logger, closers),
      openWorkerPool(config, modelsDir, metrics, logger, closers),
    ]);
    const { scheduler, submit } = openScheduler(config, engine, metrics);
    closers.push(() => scheduler.close());
    const { speechThreshold, maxWindowMs, chineseScript } = config;
    return {
      dependencies: {
        createVoiceActivity,
        submit: (window, signal) => submit({ window, signal }),
        slots: () => scheduler.concurrency,
      },
      fileOptions: (warn) => ({
        ffmpeg,
        decoderStallMs: config.decoderStallMs,
        log: { debug() {}, warn },
      }),
      defaults: { speechThreshold, maxWindowMs, chineseScript, hotwords: [] },
      close: () => closeInReverse(closers),
    };
  } catch (error) {
    await closeInReverse(closers);
    throw error;
  }
}

function openSpeechEngines(config: Config, modelsDir: string, logger: Logger) {
  return createSpeechEngines({
    voicesDir: join(modelsDir, 'voices'),
    threads: usableCores(),
    startTimeoutMs: config.workerStartTimeoutMs,
    requestTimeoutMs: config.requestTimeoutMs,
    onUnusable: (voice, error) => logger.warn({ voice, error }, 'voice cannot be used'),
  });
}

async function openWorkerPool(
  config: Config,
  modelsDir: string,
  metrics: Metrics,
  logger: Logger,
  closers: (() => Promise<void>)[],
): Promise<Engine> {
  const pool = await createWorkerPool({
    modelPath: await resolveModel(config.model, modelsDir),
    model: config.model,
    gpu: config.backend === 'cuda' ? 0 : null,
    flashAttention: false,
    slots: config.slots || defaultSlots(config.threadsPerSlot),
    threads: config.threadsPerSlot,
    cores: usableCores(),
    requestTimeoutMs: config.requestTimeoutMs,
    ...supervision('inference', config, metrics, logger),
  });
  closers.push(() => pool.close());
  return pool;
}

async function openVoiceActivity(
  config: Config,
  modelsDir: string,
  metrics: Metrics,
  logger: Logger,
  closers: (() => Promise<void>)[],
) {
  const process = await createVoiceActivityProcess({
    modelPath: await resolveModel(embeddedVoiceActivityModel.name, modelsDir),
    maxSessions: config.maxConnections,
    ...supervision('voice_activity', config, metrics, logger),
  });
  closers.push(() => process.close());
  return process.create;
}

/** What every process that runs the addon is started and watched with. */
function supervision(
  worker: 'inference' | 'voice_activity',
  config: Config,
  metrics: Metrics,
  logger: Logger,
) {
  return {
    addonPath: join(packageRoot, 'build', config.backend, 'whisper_gateway.node'),
    startTimeoutMs: config.workerStartTimeoutMs,
    onRestart: (error: GatewayError) => {
      metrics.workerRestarts.inc({ worker });
      logger.warn({ worker, code: error.code, cause: error.cause }, 'worker replaced');
    },
    onLog: (level: LogLevel, line: string) => logger.debug({ level, line }, 'native'),
  };
}

/** Several states with one thread each beat one state with several threads (measured). */
function defaultSlots(threadsPerSlot: number): number {
  return Math.max(1, Math.floor(usableCores() / (threadsPerSlot || 1)));
}

function sessionOptions(config: Config): AudioProcessorOptions {
  const maxWindowMs = config.chunkMs || config.maxWindowMs;
  return { ...config, chunker: { ...config, maxWindowMs } };
}

function urlOf({ address, port, family }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

async function closeInReverse(closers: (() => Promise<void>)[]): Promise<void> {
  for (let closer = closers.pop(); closer; closer = closers.pop()) await closer();
}
