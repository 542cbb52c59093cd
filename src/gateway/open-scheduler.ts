import { samplesToMs } from '../audio/index.js';
import type { Config } from '../config/index.js';
import {
  cachedSubmit,
  createHypothesisCache,
  createScheduler,
  Overload,
  retryPolicies,
  type Scheduler,
  SpeakingLoad,
  type Work,
} from '../scheduler/index.js';
import { type Metrics, schedulerHooks, type Tracing } from '../telemetry/index.js';
import type { OpenModels } from './open-models.js';

/** The scheduler, and how windows reach it: past the kept answers, where there are any. */
export function openScheduler(
  config: Config,
  { models, engine }: OpenModels,
  metrics: Metrics,
  tracing: Tracing | null = null,
) {
  const { onStarted, ...hooks } = schedulerHooks(metrics);
  const { maxFinalWaitMs } = config;
  const overload = new Overload({ maxFinalWaitMs });
  const scheduler = createScheduler({
    engine,
    maxQueued: {
      final: config.maxQueuedFinal,
      partial: config.maxQueuedPartial,
      batch: config.maxQueuedBatch,
    },
    maxPartialAgeMs: config.maxPartialAgeMs,
    retry: retryPolicies(config),
    hooks: {
      ...hooks,
      onStarted: (event) => {
        onStarted?.(event);
        if (event.lane === 'final') overload.started(event.queueMs);
      },
    },
  });
  const load = new SpeakingLoad();
  const overloaded = () =>
    maxFinalWaitMs > 0 &&
    (overload.isOver(scheduler.stats.lanes.final.longest_wait_ms) ||
      load.isFull(scheduler.concurrency));
  const submit = weighed(scheduler, load);
  if (config.cacheEntries === 0) {
    return { scheduler, submit: traced(submit, tracing), overloaded, load, cache: null };
  }
  const { cacheEntries: maxEntries, cacheBytes: maxBytes } = config;
  const cache = createHypothesisCache({ maxEntries, maxBytes });
  const model = ({ window }: Work) => (models.engineOf(window.model) ?? engine).info.model;
  const onLookup = (result: 'hit' | 'miss') => metrics.cacheLookups.inc({ result });
  const cached = cachedSubmit(submit, { cache, model, onLookup });
  return { scheduler, submit: traced(cached, tracing), overloaded, load, cache };
}

/** `submit` that notes who speaks, and what that costs. */
function weighed(scheduler: Scheduler, load: SpeakingLoad): Scheduler['submit'] {
  return async (work) => {
    const { lane, sessionId, pcm } = work.window;
    if (lane === 'batch') return await scheduler.submit(work);
    load.asked(sessionId);
    const hypothesis = await scheduler.submit(work);
    load.decoded(lane, samplesToMs(pcm.length), hypothesis.inferenceMs);
    return hypothesis;
  };
}

/** `submit` with a span for each window, where there is anybody to send it to. */
function traced(submit: Scheduler['submit'], tracing: Tracing | null): Scheduler['submit'] {
  if (!tracing) return submit;
  return (work) =>
    tracing.window(work.window, (onStarted) =>
      submit({
        ...work,
        onStarted() {
          onStarted();
          work.onStarted?.();
        },
      }),
    );
}

/** The scheduler of a gateway, and the way to it. */
export type OpenScheduler = ReturnType<typeof openScheduler>;
