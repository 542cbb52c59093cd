import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { createDecoderFactory, findFfmpeg, removeStoredStreams } from '../audio/index.js';
import { type Config, gatewayAddress, packageRoot, version } from '../config/index.js';
import { usableCores } from '../devices/index.js';
import type { Engine } from '../engine/index.js';
import {
  createHttpApp,
  type Health,
  readTls,
  readWebApp,
  type StreamAddress,
} from '../http/index.js';
import { type MemoryBudget, voicesDirOf } from '../models/index.js';
import { openPostProcessing } from '../post-processing/index.js';
import { RecordingService } from '../recording/index.js';
import type { SlotSetting } from '../scheduler/index.js';
import { createSpeechEngines, type SpeechEngines, SpeechService } from '../speech/index.js';
import {
  createLogger,
  createMetrics,
  createRecentErrors,
  type Logger,
  type Metrics,
  openTracing,
  requestHook,
  speechHooks,
} from '../telemetry/index.js';
import { attachWsStreamServer, listenWithUws } from '../transport/index.js';
import { modelControls } from './model-controls.js';
import { observations } from './observations.js';
import { openAccess } from './open-access.js';
import { openVoiceActivity, type Surroundings } from './open-engine.js';
import { openJobs } from './open-jobs.js';
import { openModels } from './open-models.js';
import { openNats } from './open-nats.js';
import { openRooms } from './open-rooms.js';
import { openScheduler } from './open-scheduler.js';
import { openSessionStore } from './open-session-store.js';
import { openSessions } from './open-sessions.js';
import { recordingParts } from './recording-parts.js';
import { withClosers } from './with-closers.js';

/** Parts that a test, or a larger program, brings itself. */
export interface GatewayParts {
  readonly engine?: Engine;
  readonly speechEngines?: SpeechEngines;
  readonly logger?: Logger;
  readonly metrics?: Metrics;
}

/** A gateway that listens. */
export interface Gateway {
  /** Where it is called from this machine, as `http://host:port`, or `https://…`. */
  readonly url: string;
  /** Where sockets are opened: the same, unless they have a port of their own. */
  readonly streamUrl: string;
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
  return withClosers((closers, close) => open(config, parts, logger, closers, close));
}

async function open(
  config: Config,
  parts: GatewayParts,
  logger: Logger,
  closers: (() => Promise<void>)[],
  close: () => Promise<void>,
): Promise<Gateway> {
  const tls = await readTls(config);
  const access = openAccess(config, logger);
  closers.push(() => access.close());
  const metrics = parts.metrics ?? createMetrics();
  const modelsDir = resolve(packageRoot, config.modelsDir);
  const errors = createRecentErrors();
  const nats = await openNats(config, { logger, closers });
  const around = { modelsDir, metrics, logger, errors, closers, nats };
  const tracing = await openTraces(config, closers);
  const postProcessing = await openPostProcessing(config, logger.warn.bind(logger));
  const [ffmpeg, voiceActivity, opened] = await Promise.all([
    findFfmpeg(config.ffmpegPath),
    openVoiceActivity(config, around),
    openModels(config, around, parts.engine),
  ]);
  const { models, engine, budget } = opened;
  logger.info({ ...engine.info, slots: engine.slots, ffmpeg }, 'engine ready');

  const scheduling = openScheduler(config, opened, metrics, tracing);
  const { scheduler, submit } = scheduling;
  closers.push(() => scheduler.close());

  const recording = recordingParts(config, voiceActivity, opened, scheduling, tracing);
  const decoding = {
    ffmpeg,
    decoderStallMs: config.decoderStallMs,
    onChild: (delta: number) => metrics.ffmpegChildren.inc(delta),
    log: logger,
  };
  const recordings = new RecordingService({
    ...recording,
    file: decoding,
    maxActive: config.maxTranscriptions,
    maxWaiting: config.maxWaitingTranscriptions,
    maxDurationMs: config.maxAudioMs,
  });
  const transcriber = { ...recording, file: decoding };
  const jobs = await openJobs(
    config,
    { transcriber, postProcessor: postProcessing.processor },
    { ...around, access },
  );

  const { maxCollectedBytes, minChunkBytes } = config;
  const createDecoder = createDecoderFactory({ ...decoding, maxCollectedBytes, minChunkBytes });
  const rooms = openRooms(config, around);
  const registry = openSessions(config, {
    access,
    rooms,
    store: await openSessionStore(config, around),
    createDecoder,
    createVoiceActivity: voiceActivity.create,
    submit: (window, signal, onStarted) =>
      submit({ window, signal, ...(onStarted && { onStarted }) }),
    postProcessing: postProcessing.choose,
    leaseModel: models.lease.bind(models),
    overloaded: scheduling.overloaded,
    load: scheduling.load,
    metrics,
    logger,
    errors,
    tracing,
  });

  const setSlots = (slots: SlotSetting) => {
    scheduler.slots = slots;
    logger.info({ slots, concurrency: scheduler.concurrency }, 'slots set');
    return scheduler.concurrency;
  };
  const setDraining = (draining: boolean) => {
    for (const part of [registry, recordings, jobs]) part.accepting = !draining;
    const now = {
      draining: registry.draining,
      sessions: registry.size,
      transcriptions: recordings.size,
    };
    logger.info(now, draining ? 'draining' : 'taking work again');
    return now;
  };
  const speech = new SpeechService({
    ffmpeg,
    defaultModel: config.speechModel,
    maxConcurrent: config.maxSpeech,
    engines: parts.speechEngines ?? openSpeechEngines(config, around, budget),
    hooks: speechHooks(metrics),
  });
  closers.push(() => speech.close());
  const { health, readMetrics, stats } = observations(config, {
    voiceActivity,
    registry,
    rooms,
    speech,
    jobs,
    recordings,
    metrics,
    errors,
    ...opened,
    ...scheduling,
  });
  let streamAddress: StreamAddress = { port: null, secure: tls !== undefined };
  const app = createHttpApp(
    {
      access,
      health,
      metrics: readMetrics,
      streamAddress: () => streamAddress,
      stats,
      setSlots,
      setDraining,
      speech,
      ...modelControls(models, speech),
      transcriptions: recordings,
      postProcessing,
      jobs,
      rooms,
      webApp: await readWebApp(join(packageRoot, 'build/web')),
      error: logger.error.bind(logger),
      onFailed: errors.note,
      onAnswered: requestHook(metrics, logger),
    },
    { ...config, tls },
  );
  const streaming = {
    access,
    registry,
    rooms,
    onRefused: (code: string) => {
      metrics.refused.inc({ code });
      errors.note(code);
    },
    debug: logger.debug.bind(logger),
  };
  const sockets = attachWsStreamServer(app.server, streaming, config);
  if (config.uploadDir) await mkdir(config.uploadDir, { recursive: true, mode: 0o700 });
  await removeStoredStreams(config.uploadDir);
  await app.listen({ host: config.host, port: config.port });
  closers.push(() => app.close());
  closers.push(async () => sockets.close());
  const { address, port } = app.server.address() as AddressInfo;
  if (config.streamServer === 'uws') {
    const server = await listenWithUws(streaming, { ...config, pagePort: port });
    closers.push(async () => server.close());
    streamAddress = { ...streamAddress, port: server.port, url: config.streamUrl };
  }
  // All work is drained while the server still listens, so that /ready can say so.
  closers.push(async () => {
    const { shutdownTimeoutMs } = config;
    await Promise.all([registry.drain(shutdownTimeoutMs), recordings.drain(shutdownTimeoutMs)]);
    rooms.close();
  });
  const addressOf = (port: number) => gatewayAddress({ ...config, host: address, port });
  return { url: addressOf(port), streamUrl: addressOf(streamAddress.port ?? port), health, close };
}

/** Null where no collector was named: then nothing of it is even loaded. */
async function openTraces(config: Config, closers: (() => Promise<void>)[]) {
  const { tracesEndpoint: endpoint, tracesShare: share, tracesService: serviceName } = config;
  if (endpoint === undefined) return null;
  const tracing = await openTracing({ endpoint, share, serviceName, version });
  closers.push(() => tracing.close());
  return tracing;
}

function openSpeechEngines(config: Config, around: Surroundings, memory: MemoryBudget) {
  const { modelsDir, logger } = around;
  return createSpeechEngines({
    voicesDir: voicesDirOf(modelsDir),
    threads: usableCores(),
    startTimeoutMs: config.workerStartTimeoutMs,
    requestTimeoutMs: config.requestTimeoutMs,
    unloadAfterMs: config.modelIdleMs || Number.POSITIVE_INFINITY,
    memory,
    onUnusable: (voice, error) => logger.warn({ voice, error }, 'voice cannot be used'),
  });
}
