import { ClientError } from './client-error.js';
import { Emitter } from './emitter.js';
import type { JobEvent } from './job.js';
import { type Connected, keepConnecting } from './keep-connecting.js';

export interface JobFollowerEvents {
  event: JobEvent;
  /**
   * Null once connected, before the first event: those of all jobs that wait or run follow, so that a list
   * asked for now misses nothing. Why not, else; it is tried again until `close()`.
   */
  connection: ClientError | null;
}

/** Follows what becomes of all jobs. Connects by itself, again and again. */
export class JobFollower extends Emitter<JobFollowerEvents> {
  readonly #events: (signal: AbortSignal) => AsyncGenerator<JobEvent>;
  readonly #closed = new AbortController();

  /** @param events What becomes of all jobs, over one connection. */
  constructor(events: (signal: AbortSignal) => AsyncGenerator<JobEvent>) {
    super();
    this.#events = events;
    void this.#run();
  }

  /** Idempotent. */
  close(): void {
    this.#closed.abort();
  }

  async #run(): Promise<void> {
    // Whoever made this listens from now on.
    await Promise.resolve();
    const lost = (error: ClientError) => this.emit('connection', error);
    await keepConnecting(this.#closed.signal, () => this.#follow(), lost);
  }

  async #follow(): Promise<Connected> {
    let connected = false;
    try {
      for await (const event of this.#events(this.#closed.signal)) {
        if (!connected) this.emit('connection', null);
        connected = true;
        this.emit('event', event);
      }
    } catch (cause) {
      const unknown = () => new ClientError('internal_error', String(cause), { cause });
      return { served: connected, error: cause instanceof ClientError ? cause : unknown() };
    }
    const message = 'The gateway ended the connection.';
    return {
      served: connected,
      error: new ClientError('connection_lost', message, { retryable: true }),
    };
  }
}
