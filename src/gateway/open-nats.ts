import { hostname } from 'node:os';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Config } from '../config/index.js';
import { connectNats } from '../nats/index.js';
import type { Surroundings } from './open-engine.js';

/**
 * The connection to what is shared with other gateways; null where nothing is.
 * @throws GatewayError `nats_unavailable`.
 */
export async function openNats(
  { natsUrl: url }: Config,
  { logger, closers }: Pick<Surroundings, 'logger' | 'closers'>,
  role: 'gateway' | 'worker' = 'gateway',
): Promise<NatsConnection | null> {
  if (url === undefined) return null;
  const name = `whisper-${role} ${hostname()} ${process.pid}`;
  const connection = await connectNats(
    { url, name },
    {
      onDisconnected: () => logger.warn('NATS is gone; what is shared waits for it'),
      onReconnected: () => logger.info('NATS is back'),
    },
  );
  closers.push(() => connection.close());
  return connection;
}
