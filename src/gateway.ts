import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import {
  createDecoderFactory,
  type FfmpegOptions,
  findFfmpeg,
  removeStoredStreams,
} from './audio/index.js';
import { type Config, packageRoot, version } from './config/index.js';
import { deviceMemory } from './device-memory.js';
import { usableCores } from './devices/index.js';
import type { Engine } from './engine/index.js';
import { createHttpApp, type Health, type ServedModel, type Stats } from './http/index.js';
import { openEngine, openVoiceActivity } from './open-engine.js';
import {
  type RecordingDefaults,
  type RecordingDependencies,
  RecordingService,
} from './recording/index.js';
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
  const around = { modelsDir, metrics, logger, closers };
  const [ffmpeg, voiceActivity, engine] = await Promise.all([
    findFfmpeg(config.ffmpegPath),
    openVoiceActivity(config, around),
    parts.engine ?? openEngine(config, around),
  ]);
  logger.info({ ...engine.info, slots: engine.slots, ffmpeg }, 'engine ready');

  const { scheduler, submit, cache } = openScheduler(config, engine, metrics);
  closers.push(() => scheduler.close());

  const recordings = new RecordingService({
    dependencies: {
      createVoiceActivity: voiceActivity.create,
      submit: (window, signal) => submit({ window, signal }),
      slots: () => scheduler.concurrency,
    },
    defaults: recordingDefaults(config),
    file: {
      ffmpeg,
      decoderStallMs: config.decoderStallMs,
      onChild: (delta) => metrics.ffmpegChildren.inc(delta),
      log: logger,
    },
    maxActive: config.maxTranscriptions,
    maxWaiting: config.maxWaitingTranscriptions,
    maxDurationMs: config.maxAudioMs,
  });

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
        createVoiceActivity: voiceActivity.create,
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

  const health = (): Health => {
    const able = engine.ready && voiceActivity.problem === null;
    const notes = [...engine.notes, ...(voiceActivity.problem ? [voiceActivity.problem] : [])];
    const well = able && notes.length === 0;
    return {
      status: registry.draining ? 'draining' : well ? 'ok' : 'degraded',
      version,
      ...engine.info,
      ready: able && !registry.draining,
      slots: scheduler.concurrency,
      notes,
      sessions: registry.size,
      max_connections: config.maxConnections,
    };
  };
  const readMetrics = async () => {
    for (const { device, used_bytes, total_bytes } of await deviceMemory(engine)) {
      metrics.deviceMemoryUsed.set({ device }, used_bytes);
      metrics.deviceMemoryTotal.set({ device }, total_bytes);
    }
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
    devices: await deviceMemory(engine),
    models: [engine.info],
    switches: 0,
    restarts: engine.restarts,
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
    {
      health,
      metrics: readMetrics,
      stats,
      setSlots,
      speech,
      models: servedModels(engine),
      transcriptions: recordings,
      error: logger.error.bind(logger),
    },
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
  if (config.uploadDir) await mkdir(config.uploadDir, { recursive: true, mode: 0o700 });
  await removeStoredStreams(config.uploadDir);
  await app.listen({ host: config.host, port: config.port });
  closers.push(() => app.close());
  // All work is drained while the server still listens, so that /ready can say so.
  closers.push(async () => {
    const { shutdownTimeoutMs } = config;
    await Promise.all([registry.drain(shutdownTimeoutMs), recordings.drain(shutdownTimeoutMs)]);
  });
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

function recordingDefaults(config: Config): RecordingDefaults {
  const { speechThreshold, maxWindowMs, chineseScript } = config;
  return { speechThreshold, maxWindowMs, chineseScript, hotwords: [] };
}

/** The loaded model, and the name by which OpenAI's clients ask for it. */
function servedModels({ info }: Engine): () => ServedModel[] {
  const created = Math.floor(Date.now() / 1_000);
  const owner = 'whisper-gateway';
  return () => [info.model, 'whisper-1'].map((id) => ({ id, created, owned_by: owner }));
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
  const around = { modelsDir, metrics, logger, closers };
  try {
    const [ffmpeg, voiceActivity, engine] = await Promise.all([
      findFfmpeg(config.ffmpegPath),
      openVoiceActivity(config, around),
      openEngine(config, around),
    ]);
    const { scheduler, submit } = openScheduler(config, engine, metrics);
    closers.push(() => scheduler.close());
    return {
      dependencies: {
        createVoiceActivity: voiceActivity.create,
        submit: (window, signal) => submit({ window, signal }),
        slots: () => scheduler.concurrency,
      },
      fileOptions: (warn) => ({
        ffmpeg,
        decoderStallMs: config.decoderStallMs,
        log: { debug() {}, warn },
      }),
      defaults: recordingDefaults(config),
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
