import type { CreateDecoder, CreateVoiceActivity } from '../audio/index.js';
import type { Config } from '../config/index.js';
import type { SubmitWindow } from '../decoding/index.js';
import type { LeaseModel } from '../models/index.js';
import type { ChoosePostProcessor } from '../post-processing/index.js';
import type { Rooms } from '../rooms/index.js';
import { AudioProcessor, type AudioProcessorOptions, SessionRegistry } from '../session/index.js';
import { type Logger, type Metrics, resumeHooks, sessionMetrics } from '../telemetry/index.js';

/** What live sessions work with. */
interface SessionDependencies {
  readonly createDecoder: CreateDecoder;
  readonly createVoiceActivity: CreateVoiceActivity;
  readonly submit: SubmitWindow;
  readonly leaseModel: LeaseModel;
  readonly postProcessing: ChoosePostProcessor;
  readonly rooms: Rooms;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** The live sessions of a gateway; none yet. */
export function openSessions(config: Config, deps: SessionDependencies): SessionRegistry {
  const { metrics, logger, rooms, ...shared } = deps;
  const observed = sessionMetrics(metrics);
  const options = processorOptions(config);
  return new SessionRegistry(
    {
      ...resumeHooks(metrics),
      openAudience: (sessionId, { room, speaker }) =>
        room === undefined ? null : rooms.speak(room, sessionId, speaker ?? null),
      createProcessor: (sessionId, send) => {
        const log = logger.child({ sessionId });
        return new AudioProcessor(sessionId, { ...shared, metrics: observed, log }, options, send);
      },
    },
    config,
  );
}

function processorOptions(config: Config): AudioProcessorOptions {
  const maxWindowMs = config.chunkMs || config.maxWindowMs;
  return { ...config, chunker: { ...config, maxWindowMs } };
}
