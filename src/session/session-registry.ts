import { GatewayError } from '../errors/index.js';

/** What the registry needs of a connection. */
interface Closeable {
  /** Tells the client that the gateway drains, and ends the connection within `timeoutMs`. */
  drain(timeoutMs: number): Promise<void>;
}

/** The streaming connections of this gateway, counted against their limit. */
export class SessionRegistry {
  readonly #limit: number;
  readonly #connections = new Set<Closeable>();
  #draining = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#connections.size;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** @throws GatewayError `too_many_connections` or `server_draining`. */
  assertRoom(): void {
    if (this.#draining) throw new GatewayError('server_draining', { retryAfterMs: 1_000 });
    if (this.#connections.size >= this.#limit) {
      throw new GatewayError('too_many_connections', {
        message: `This gateway already serves ${this.#limit} connections.`,
        retryAfterMs: 5_000,
      });
    }
  }

  add(connection: Closeable): void {
    this.#connections.add(connection);
  }

  remove(connection: Closeable): void {
    this.#connections.delete(connection);
  }

  /** Takes no more connections and ends those there are. Idempotent. Never rejects. */
  async drain(timeoutMs: number): Promise<void> {
    this.#draining = true;
    await Promise.all([...this.#connections].map((connection) => connection.drain(timeoutMs)));
  }
}
