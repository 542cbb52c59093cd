import type { Config } from '../config/index.js';
import {
  cachedSubmit,
  createHypothesisCache,
  createScheduler,
  retryPolicies,
  type Work,
} from '../scheduler/index.js';
import { type Metrics, schedulerHooks } from '../telemetry/index.js';
import type { OpenModels } from './open-models.js';

/** The scheduler, and how windows reach it: past the kept answers, where there are any. */
export function openScheduler(config: Config, { models, engine }: OpenModels, metrics: Metrics) {
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
  const model = ({ window }: Work) => (models.engineOf(window.model) ?? engine).info.model;
  const onLookup = (result: 'hit' | 'miss') => metrics.cacheLookups.inc({ result });
  return { scheduler, submit: cachedSubmit(submit, { cache, model, onLookup }), cache };
}

/** The scheduler of a gateway, and the way to it. */
export type OpenScheduler = ReturnType<typeof openScheduler>;
