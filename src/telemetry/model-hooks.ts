import type { ModelManagerHooks } from '../models/index.js';
import type { Logger } from './logger.js';
import type { Metrics } from './metrics.js';
import type { RecentErrors } from './recent-errors.js';

/** Counts and logs what happens to models. */
export function modelHooks(
  metrics: Metrics,
  logger: Logger,
  errors: RecentErrors,
): Required<ModelManagerHooks> {
  metrics.modelLoads.inc({ outcome: 'done' }, 0);
  return {
    onLoaded: ({ model, tookMs, error }) => {
      metrics.modelLoads.inc({ outcome: error?.code ?? 'done' });
      if (error) {
        const { code, cause } = error;
        errors.note(code);
        logger.warn({ model, code, cause }, 'model could not be loaded');
        return;
      }
      metrics.modelLoadSeconds.observe(tookMs / 1000);
      logger.info({ model, tookMs: Math.round(tookMs) }, 'model loaded');
    },
    onUnloaded: ({ model, reason }) => {
      metrics.modelUnloads.inc({ reason });
      logger.info({ model, reason }, 'model unloaded');
    },
    onSwitched: ({ from, to, tookMs }) => {
      metrics.modelSwitches.inc();
      metrics.modelSwitchSeconds.observe(tookMs / 1000);
      logger.info({ from, to, tookMs: Math.round(tookMs) }, 'default model switched');
    },
  };
}
