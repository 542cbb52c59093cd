import type { Config } from '../config/index.js';
import { NatsRoomExchange, noExchange, Rooms } from '../rooms/index.js';
import type { Surroundings } from './open-engine.js';

/** The rooms of a gateway, joined with those of others where there is a NATS server. */
export function openRooms(
  config: Config,
  { nats, metrics, logger, closers }: Pick<Surroundings, 'nats' | 'metrics' | 'logger' | 'closers'>,
): Rooms {
  const warn = logger.warn.bind(logger);
  const exchange = nats
    ? new NatsRoomExchange(nats, { prefix: config.natsPrefix, warn })
    : noExchange;
  closers.push(async () => exchange.close());
  return new Rooms(config, () => metrics.viewersLagging.inc(), exchange);
}
