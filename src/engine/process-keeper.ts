import { EventEmitter } from 'node:events';
import { GatewayError } from '../errors/index.js';
import {
  type BreakerPolicy,
  type CircuitBreaker,
  createCircuitBreaker,
} from './circuit-breaker.js';
import { firstAvailable } from './first-available.js';
import { pause } from './pause.js';

/** What a keeper asks of a process. */
interface KeptProcess {
  /** Whether it takes work: false from the moment on that its end is known. */
  readonly alive: boolean;
  /** Resolves with the reason. */
  readonly ended: Promise<GatewayError>;
  close(): Promise<void>;
}

export interface ProcessKeeperOptions<P extends KeptProcess> {
  /** Starts one; resolves when it is ready, rejects soon after `signal` aborts. */
  readonly start: (signal: AbortSignal) => Promise<P>;
  /** One died, or could not be started, and another will be. */
  readonly onRestart?: ((error: GatewayError) => void) | undefined;
  /**
   * Asked first after a failure. True where the next start will be another one, and may work for that
   * reason: it comes at once, and the failure does not count.
   */
  readonly mend?: ((error: GatewayError) => boolean) | undefined;
  /** It failed too often, or in a way that does not heal by itself: nothing is started for `pauseMs`. */
  readonly onOpen?: ((error: GatewayError, pauseMs: number) => void) | undefined;
  /** @default breakerPolicy */
  readonly breaker?: BreakerPolicy | undefined;
}

/**
 * `up`: it takes work. `starting`: one will soon be up, as far as is known. `down`: the last start
 * failed, or nothing is started for the moment.
 */
export type KeeperState = 'up' | 'starting' | 'down';

/** Keeps one process alive: what dies is replaced, and what dies over and over less and less often. */
export class ProcessKeeper<P extends KeptProcess> {
  /** Emits `change` whenever a process is up or gone, or the keeper begins or ends a pause. */
  readonly changes = new EventEmitter();
  /** Resolves when the first process is up; rejects when it could not be started, which goes on. */
  readonly started: Promise<P>;
  readonly #options: ProcessKeeperOptions<P>;
  readonly #breaker: CircuitBreaker;
  readonly #closing = new AbortController();
  readonly #keeping: Promise<void>;
  #settleStarted: { up: (process: P) => void; failed: (error: GatewayError) => void } | null = null;
  #current: P | null = null;
  /** Why nothing is up; null while something is, or soon will be. */
  #failure: GatewayError | null = null;
  /** When the next start is due, by `performance.now()`; while it is held, never. */
  #nextTryAt = 0;
  #wake = new AbortController();
  #held: GatewayError | null = null;
  #replacing = false;
  #restarts = 0;

  /** A keeper whose first process is up. @throws whatever the first start fails with. */
  static async start<P extends KeptProcess>(
    options: ProcessKeeperOptions<P>,
  ): Promise<ProcessKeeper<P>> {
    const keeper = new ProcessKeeper(options);
    try {
      await keeper.started;
      return keeper;
    } catch (error) {
      await keeper.close();
      throw error;
    }
  }

  constructor(options: ProcessKeeperOptions<P>) {
    this.#options = options;
    this.#breaker = createCircuitBreaker(options.breaker);
    // Every window that waits for a new process listens, and so does every session.
    this.changes.setMaxListeners(0);
    this.started = new Promise((up, failed) => {
      this.#settleStarted = { up, failed };
    });
    // Whoever does not wait for it looks at the state instead.
    this.started.catch(() => {});
    this.#keeping = this.#keep();
  }

  get state(): KeeperState {
    if (this.current) return 'up';
    return this.#failure || this.#closing.signal.aborted ? 'down' : 'starting';
  }

  /** The process that is up, or null. */
  get current(): P | null {
    const closing = this.#closing.signal.aborted;
    return this.#current?.alive && !closing ? this.#current : null;
  }

  /** Why nothing is up; null in every other state than `down`. */
  get failure(): GatewayError | null {
    return this.state === 'down' ? this.#failure : null;
  }

  /** Milliseconds until the next start; Infinity while it is held. */
  get nextTryMs(): number {
    return Math.max(0, this.#nextTryAt - performance.now());
  }

  /** How often one had to be replaced. */
  get restarts(): number {
    return this.#restarts;
  }

  /** The process did its work: the next death starts with the shortest wait again. */
  succeeded(): void {
    this.#breaker.succeeded();
  }

  /**
   * The process that is up, or else the next one that is.
   * @throws GatewayError `engine_unavailable` after `timeoutMs`, at once where none is tried until then
   *   or when closed; `cancelled`.
   */
  async available(timeoutMs: number, signal?: AbortSignal): Promise<P> {
    const pick = () => {
      if (this.current) return this.current;
      const pointless = this.state === 'down' && this.nextTryMs > timeoutMs;
      if (!pointless && !this.#closing.signal.aborted) return null;
      throw new GatewayError('engine_unavailable', { cause: this.#failure });
    };
    return await firstAvailable({ changes: this.changes, pick, timeoutMs, signal });
  }

  /** Ends the process that is up, and starts another at once. */
  replace(): void {
    this.#replacing = this.current !== null;
    void this.current?.close();
  }

  /** Ends the process, and starts no other until `release`; meanwhile `reason` is the failure. */
  hold(reason: GatewayError): void {
    this.#held = reason;
    void this.#current?.close();
  }

  release(): void {
    this.#held = null;
    this.#wake.abort();
  }

  /** Ends the process and starts no other. Idempotent. Never rejects. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.changes.emit('change');
    await this.#current?.close();
    await this.#keeping;
  }

  /** One turn a process, until closed. */
  async #keep(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      if (this.#held) {
        await this.#rest(Number.POSITIVE_INFINITY, this.#held);
        continue;
      }
      const { error, livedMs } = await this.#runOne(signal);
      if (signal.aborted) break;
      await this.#rest(this.#waitMsAfter(error, livedMs), this.#failure);
      this.#breaker.trying();
    }
    this.#settleStarted?.failed(new GatewayError('engine_unavailable'));
  }

  /** Starts one and waits for its end. */
  async #runOne(signal: AbortSignal): Promise<{ error: GatewayError; livedMs: number | null }> {
    try {
      const process = await this.#options.start(signal);
      const upAt = performance.now();
      this.#current = process;
      this.#failure = null;
      this.#settleStarted?.up(process);
      this.changes.emit('change');
      // It became ready in the moment of closing, which found nothing to close.
      if (signal.aborted || this.#held) void process.close();
      const error: GatewayError = await process.ended;
      return { error, livedMs: performance.now() - upAt };
    } catch (error) {
      return { error: GatewayError.from(error), livedMs: null };
    } finally {
      this.#current = null;
    }
  }

  /** Waits for the moment of the next start. @param failure Why it is down meanwhile; null if it is not. */
  async #rest(waitMs: number, failure: GatewayError | null): Promise<void> {
    this.#failure = failure;
    if (failure) this.#settleStarted?.failed(failure);
    this.#nextTryAt = performance.now() + waitMs;
    this.changes.emit('change');
    this.#wake = new AbortController();
    await pause(waitMs, AbortSignal.any([this.#closing.signal, this.#wake.signal]));
  }

  /**
   * Says how long to wait, and by `#failure` whether it is down meanwhile.
   * @param livedMs How long it was up; null where it never was.
   */
  #waitMsAfter(error: GatewayError, livedMs: number | null): number {
    const asked = this.#replacing || this.#held !== null;
    this.#replacing = false;
    if (asked) return 0;
    this.#restarts++;
    this.#options.onRestart?.(error);
    if (this.#options.mend?.(error)) return 0;
    const waitMs = this.#breaker.failed(error, performance.now(), livedMs ?? 0);
    // What has died may be up again in a moment; what failed to start has shown that it is not.
    if (livedMs === null || this.#breaker.state === 'open') this.#failure = error;
    if (this.#breaker.state === 'open') this.#options.onOpen?.(error, waitMs);
    return waitMs;
  }
}
