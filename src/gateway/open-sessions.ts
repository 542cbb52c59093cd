import type { Access } from '../access/index.js';
import type { CreateDecoder, CreateVoiceActivity } from '../audio/index.js';
import type { Config } from '../config/index.js';
import type { SubmitWindow } from '../decoding/index.js';
import type { LeaseModel } from '../models/index.js';
import type { ChoosePostProcessor } from '../post-processing/index.js';
import type { Rooms } from '../rooms/index.js';
import type { SpeakingLoad } from '../scheduler/index.js';
import {
  AudioProcessor,
  type AudioProcessorOptions,
  SessionRegistry,
  type SessionStore,
} from '../session/index.js';
import {
  type Logger,
  type Metrics,
  type RecentErrors,
  requestFields,
  resumeHooks,
  sessionMetrics,
  type Tracing,
} from '../telemetry/index.js';

/** What live sessions work with. */
interface SessionDependencies {
  readonly access: Access;
  readonly createDecoder: CreateDecoder;
  readonly createVoiceActivity: CreateVoiceActivity;
  readonly submit: SubmitWindow;
  readonly leaseModel: LeaseModel;
  readonly postProcessing: ChoosePostProcessor;
  readonly rooms: Rooms;
  /** Null where there is no other gateway. */
  readonly store: SessionStore | null;
  /** Whether there is more to do than can be done in time. */
  readonly overloaded: () => boolean;
  /** Told who comes and goes. */
  readonly load: Pick<SpeakingLoad, 'admitted' | 'left'>;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly errors: RecentErrors;
  /** Null where nobody asks for traces. */
  readonly tracing: Tracing | null;
}

/** The live sessions of a gateway; none yet. */
export function openSessions(config: Config, deps: SessionDependencies): SessionRegistry {
  const { access, metrics, logger, errors, rooms, store, tracing, overloaded, load, ...shared } =
    deps;
  const observed = sessionMetrics(metrics);
  const options = processorOptions(config);
  return new SessionRegistry(
    {
      ...resumeHooks(metrics),
      overloaded,
      store,
      openAudience: (sessionId, { room, speaker }, startedAt) =>
        room === undefined ? null : rooms.speak(room, sessionId, speaker ?? null, startedAt),
      connect: (caller) => access.connect(caller),
      createProcessor: (sessionId, caller, send) => {
        load.admitted(sessionId);
        const log = logger.child({ sessionId, keyId: caller.id, ...requestFields() });
        const failed = (code: string) => errors.note(code, sessionId);
        const submit: SubmitWindow = (window, ...how) =>
          shared.submit({ ...window, tenant: caller.id }, ...how);
        const own = { ...shared, submit, metrics: { ...observed, failed }, log };
        const processor = new AudioProcessor(sessionId, own, options, send);
        const heard = () => processor.heardMs;
        const stop = access.meterAudio(caller, heard, (error) => processor.fail(error));
        const span = tracing?.begin('session', sessionId);
        void processor.stopped.then(({ reason, error }) => {
          load.left(sessionId);
          stop(processor.heardMs);
          span?.end(error?.code ?? reason);
        });
        return processor;
      },
    },
    config,
  );
}

function processorOptions(config: Config): AudioProcessorOptions {
  const maxWindowMs = config.chunkMs || config.maxWindowMs;
  return { ...config, chunker: { ...config, maxWindowMs } };
}
