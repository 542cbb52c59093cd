import { EventEmitter, once } from 'node:events';
import { GatewayError } from '../errors/index.js';
import { pause } from './pause.js';

/** What a keeper asks of a process. */
interface KeptProcess {
  /** Whether it takes work: false from the moment on that its end is known. */
  readonly alive: boolean;
  /** Resolves with the reason. */
  readonly ended: Promise<GatewayError>;
  close(): Promise<void>;
}

/** Waits before another process is started: 250 ms, doubling up to 10 s. */
const backoff = { baseMs: 250, factor: 2, maxMs: 10_000 } as const;

export interface ProcessKeeperOptions<P extends KeptProcess> {
  /** Starts one; resolves when it is ready, rejects soon after `signal` aborts. */
  readonly start: (signal: AbortSignal) => Promise<P>;
  /** One died, or could not be started, and another is about to be. */
  readonly onRestart?: ((error: GatewayError) => void) | undefined;
}

/** Keeps one process alive: what dies is replaced, later each time it died without any success. */
export class ProcessKeeper<P extends KeptProcess> {
  /** The one that was started with the keeper. */
  readonly first: P;
  readonly #options: ProcessKeeperOptions<P>;
  readonly #events = new EventEmitter();
  readonly #closing: AbortController;
  readonly #keeping: Promise<void>;
  #current: P | null = null;
  #failuresInRow = 0;
  #restarts = 0;

  /** @throws whatever the first start fails with. */
  static async start<P extends KeptProcess>(
    options: ProcessKeeperOptions<P>,
  ): Promise<ProcessKeeper<P>> {
    const closing = new AbortController();
    return new ProcessKeeper(await options.start(closing.signal), closing, options);
  }

  private constructor(first: P, closing: AbortController, options: ProcessKeeperOptions<P>) {
    this.first = first;
    this.#options = options;
    this.#closing = closing;
    // Every window that waits for a new process listens, and so does every session.
    this.#events.setMaxListeners(0);
    this.#keeping = this.#keep(first);
  }

  /** The process that is up, or null. */
  get current(): P | null {
    return this.#current?.alive ? this.#current : null;
  }

  /** How often one had to be replaced. */
  get restarts(): number {
    return this.#restarts;
  }

  /** The process did its work: the next death starts with the shortest wait again. */
  succeeded(): void {
    this.#failuresInRow = 0;
  }

  /**
   * The process that is up, or else the next one that is.
   * @throws GatewayError `engine_unavailable` after `timeoutMs` or when closed, `cancelled`.
   */
  async available(timeoutMs: number, signal?: AbortSignal): Promise<P> {
    if (this.#closing.signal.aborted) throw new GatewayError('engine_unavailable');
    if (this.current) return this.current;
    const signals = [
      this.#closing.signal,
      AbortSignal.timeout(timeoutMs),
      ...(signal ? [signal] : []),
    ];
    try {
      const [process] = await once(this.#events, 'up', { signal: AbortSignal.any(signals) });
      return process as P;
    } catch {
      throw new GatewayError(signal?.aborted ? 'cancelled' : 'engine_unavailable');
    }
  }

  /** Ends the process and starts no other. Idempotent. Never rejects. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#current?.close();
    await this.#keeping;
  }

  /** One turn a process, until closed. */
  async #keep(first: P): Promise<void> {
    for (let process: P | null = first; process; ) {
      this.#current = process;
      this.#events.emit('up', process);
      // It became ready in the moment of closing, which found nothing to close.
      if (this.#closing.signal.aborted) void process.close();
      const reason: GatewayError = await process.ended;
      this.#current = null;
      process = await this.#replacement(reason);
    }
  }

  /** Tries until one is up; null once closed. */
  async #replacement(reason: GatewayError): Promise<P | null> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const waitMs = backoff.baseMs * backoff.factor ** this.#failuresInRow++;
      this.#restarts++;
      this.#options.onRestart?.(reason);
      await pause(Math.min(waitMs, backoff.maxMs), signal);
      try {
        if (!signal.aborted) return await this.#options.start(signal);
      } catch (error) {
        reason = GatewayError.from(error);
      }
    }
    return null;
  }
}
