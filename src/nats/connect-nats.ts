import { connect, type NatsConnection } from '@nats-io/transport-node';
import { GatewayError } from '../errors/index.js';

export interface NatsOptions {
  /** Addresses with commas between; user and password, or a token, may stand before the host. */
  readonly url: string;
  /** What the server calls this connection in its own reports. */
  readonly name: string;
}

/** Told when a connection is lost and when it is there again. */
export interface NatsHooks {
  onDisconnected(): void;
  onReconnected(): void;
}

const reconnectWaitMs = 250;
const reconnectJitterMs = 250;
/** Two of these without an answer, and the connection counts as lost. */
const pingIntervalMs = 5_000;
const connectTimeoutMs = 5_000;

/**
 * A connection that opens itself again for as long as it takes; what is asked meanwhile fails by its own timeout.
 * @throws GatewayError `nats_unavailable` where it cannot be opened the first time.
 */
export async function connectNats(
  { url, name }: NatsOptions,
  hooks?: NatsHooks,
): Promise<NatsConnection> {
  try {
    const connection = await connect({
      ...serversOf(url),
      name,
      maxReconnectAttempts: -1,
      // Users may be missing while a server starts: that is no reason to stay away for good.
      ignoreAuthErrorAbort: true,
      reconnectTimeWait: reconnectWaitMs,
      reconnectJitter: reconnectJitterMs,
      pingInterval: pingIntervalMs,
      maxPingOut: 2,
      timeout: connectTimeoutMs,
    });
    if (hooks) followConnection(connection, hooks);
    return connection;
  } catch (cause) {
    throw new GatewayError('nats_unavailable', {
      message: `NATS cannot be reached at ${withoutSecrets(url)}: ${(cause as Error).message}`,
      cause,
    });
  }
}

/** The client takes credentials beside the addresses, not within them. */
function serversOf(url: string) {
  const addresses = url.split(',').map((address) => {
    const text = address.trim();
    return new URL(text.includes('://') ? text : `nats://${text}`);
  });
  const { username, password } = addresses[0] as URL;
  const [user, pass] = [username, password].map(decodeURIComponent);
  const tls = addresses.some(({ protocol }) => protocol === 'tls:') && { tls: {} };
  const servers = addresses.map(({ host }) => host);
  if (!user) return { servers, ...tls };
  return pass ? { servers, user, pass, ...tls } : { servers, token: user, ...tls };
}

function withoutSecrets(url: string): string {
  return url.replaceAll(/\/\/[^@/,]*@/gu, '//');
}

/** Tells of every loss of a connection from now on, until it is closed. */
export function followConnection(connection: NatsConnection, hooks: NatsHooks): void {
  void follow(connection, hooks);
}

async function follow(connection: NatsConnection, hooks: NatsHooks): Promise<void> {
  for await (const { type } of connection.status()) {
    if (type === 'disconnect') hooks.onDisconnected();
    if (type === 'reconnect') hooks.onReconnected();
  }
}
