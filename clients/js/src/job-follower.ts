import { backoffMs, defaultReconnect, pauseUntilOnline } from './backoff.js';
import { ClientError } from './client-error.js';
import { Emitter } from './emitter.js';
import type { JobEvent } from './job.js';

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
    const { signal } = this.#closed;
    // Whoever made this listens from now on.
    await Promise.resolve();
    for (let attempt = 1; !signal.aborted; attempt++) {
      const { connected, error } = await this.#follow();
      if (signal.aborted) return;
      this.emit('connection', error);
      if (connected) attempt = 1;
      await pauseUntilOnline(backoffMs(defaultReconnect, attempt, error.retryAfterMs), signal);
    }
  }

  /** One connection. @returns Whether there was one, and why it is over. Never rejects. */
  async #follow(): Promise<{ readonly connected: boolean; readonly error: ClientError }> {
    let connected = false;
    try {
      for await (const event of this.#events(this.#closed.signal)) {
        if (!connected) this.emit('connection', null);
        connected = true;
        this.emit('event', event);
      }
    } catch (cause) {
      const unknown = () => new ClientError('internal_error', String(cause), { cause });
      return { connected, error: cause instanceof ClientError ? cause : unknown() };
    }
    const message = 'The gateway ended the connection.';
    return { connected, error: new ClientError('connection_lost', message, { retryable: true }) };
  }
}
