import type { Config } from '../config/index.js';
import { JetStreamSessionStore, type SessionStore } from '../session/index.js';
import type { Surroundings } from './open-engine.js';

/** Beyond the time for which a client may come back: it may have hung half-open before that. */
const entriesMarginMs = 120_000;
/** Beyond the longest way of audio to its final. */
const audioMarginMs = 60_000;

/**
 * Where gateways find each other's sessions; null where there is but this one, or sessions wait for nobody.
 * @throws GatewayError `nats_unavailable`.
 */
export async function openSessionStore(
  config: Config,
  { nats, metrics, logger, closers }: Pick<Surroundings, 'nats' | 'metrics' | 'logger' | 'closers'>,
): Promise<SessionStore | null> {
  const { resumeWindowMs, maxLagMs, maxWindowMs } = config;
  if (!nats || resumeWindowMs === 0) return null;
  const store = await JetStreamSessionStore.open(nats, {
    prefix: config.natsPrefix,
    replicas: config.natsReplicas,
    entriesMs: resumeWindowMs + entriesMarginMs,
    audioMs: resumeWindowMs + maxLagMs + maxWindowMs + audioMarginMs,
    onAvailable: (available, error) => {
      metrics.sessionsUnkept.set(available ? 0 : 1);
      if (available) logger.info('sessions are kept for other gateways again');
      else logger.warn({ cause: error?.message }, 'sessions are not kept for other gateways');
    },
  });
  closers.push(async () => store.close());
  return store;
}
