import { resolve } from 'node:path';
import { type FfmpegOptions, findFfmpeg } from '../audio/index.js';
import { type Config, packageRoot } from '../config/index.js';
import type { RecordingDefaults, RecordingDependencies } from '../recording/index.js';
import { createLogger, createMetrics, createRecentErrors } from '../telemetry/index.js';
import { openVoiceActivity } from './open-engine.js';
import { openModels } from './open-models.js';
import { openScheduler } from './open-scheduler.js';
import { recordingParts } from './recording-parts.js';
import { withClosers } from './with-closers.js';

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
export function openTranscription(given: Config): Promise<Transcription> {
  // Needs no gateway, so no inference hosts either.
  const config: Config = { ...given, engine: 'local' };
  return withClosers(async (closers, close) => {
    const logger = createLogger('silent');
    const metrics = createMetrics();
    const around = {
      modelsDir: resolve(packageRoot, config.modelsDir),
      metrics,
      logger,
      errors: createRecentErrors(),
      closers,
      nats: null,
    };
    const [ffmpeg, voiceActivity, opened] = await Promise.all([
      findFfmpeg(config.ffmpegPath),
      openVoiceActivity(config, around),
      openModels(config, around),
    ]);
    const scheduling = openScheduler(config, opened, metrics);
    closers.push(() => scheduling.scheduler.close());
    const { decoderStallMs } = config;
    return {
      ...recordingParts(config, voiceActivity, opened, scheduling),
      fileOptions: (warn) => ({ ffmpeg, decoderStallMs, log: { debug() {}, warn } }),
      close,
    };
  });
}
