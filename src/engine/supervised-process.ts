import { type ChildProcess, fork } from 'node:child_process';
import { on } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { childEnvironment } from '../config/index.js';
import { GatewayError } from '../errors/index.js';
import { fromFailure } from './failure.js';
import { countKernelKills } from './lack-of-memory.js';
import { createLastLines } from './last-lines.js';
import type { FromChild, OnLog, ToChild } from './messages.js';
import { errorOfEnd, type ProcessEnd } from './process-end.js';

/** Lines of stderr that are kept for the error's cause. */
const lastWordsLimit = 20;

export interface SupervisedProcessOptions<Setup> {
  /** Absolute path of the compiled entry, which calls `serveParent`. */
  readonly entry: string;
  readonly setup: Setup;
  /** Longest time until it is ready; then it is killed. */
  readonly startTimeoutMs: number;
  /** Longest time for one call, unless the call names another. */
  readonly requestTimeoutMs: number;
  /**
   * Longest time to answer an abort, a late call's included. What does not answer that either is hung,
   * and is killed: nothing else ends it. @default 5000
   */
  readonly abortTimeoutMs?: number | undefined;
  readonly onLog?: OnLog | undefined;
  /** Gives the start up. */
  readonly signal?: AbortSignal | undefined;
}

interface Pending<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: GatewayError) => void;
  hung: boolean;
}

/**
 * A forked process of ours, from its first moment to its last. That it never started (`start`
 * rejects), died (`ended` resolves by itself) and was closed (by `close`) are three facts, and
 * calls that are under way hear which one it was.
 */
export class SupervisedProcess<Ready, Call, Result> {
  /** What the process said when it was ready. */
  readonly ready: Ready;
  readonly pid: number;
  /** Resolves with the reason when the process is gone and all it said has been read. */
  readonly ended: Promise<GatewayError>;
  readonly #child: ChildProcess;
  readonly #requestTimeoutMs: number;
  readonly #abortTimeoutMs: number;
  readonly #pending = new Map<number, Pending<Result>>();
  #nextId = 1;
  #closed = false;
  /** Why it is gone; null while it is not. */
  #reason: GatewayError | null = null;

  /**
   * Forks the process and waits until it is ready.
   * @throws GatewayError what the process said it was unable for, else `model_load_failed` when it
   *   died or took too long, or `engine_out_of_memory`.
   */
  static async start<Setup, Ready, Call, Result>(
    options: SupervisedProcessOptions<Setup>,
  ): Promise<SupervisedProcess<Ready, Call, Result>> {
    const child = fork(options.entry, [], {
      env: childEnvironment(),
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const ended = watch(child, options.onLog);
    const losers = new AbortController();
    const giveUp = () => child.kill('SIGKILL');
    options.signal?.addEventListener('abort', giveUp, { signal: losers.signal });
    try {
      const ready = await Promise.race([
        handshake<Ready>(child, options.setup, losers.signal),
        ended.then(diedWhileStarting),
        delay(options.startTimeoutMs, null, { signal: losers.signal }).then(startedTooSlowly),
      ]);
      return new SupervisedProcess(child, ended, ready, options);
    } catch (error) {
      child.kill('SIGKILL');
      await ended;
      throw error;
    } finally {
      // A late loser must not keep a listener or a timer.
      losers.abort();
    }
  }

  private constructor(
    child: ChildProcess,
    ended: Promise<ProcessEnd>,
    ready: Ready,
    { requestTimeoutMs, abortTimeoutMs = 5_000 }: SupervisedProcessOptions<unknown>,
  ) {
    this.#child = child;
    this.#requestTimeoutMs = requestTimeoutMs;
    this.#abortTimeoutMs = abortTimeoutMs;
    this.ready = ready;
    this.pid = child.pid as number;
    child.on('message', (message) => this.#receive(message as FromChild<Ready, Result>));
    this.ended = ended.then((end) => this.#end(end));
  }

  /** Whether it takes calls: neither gone nor, as far as is known here, about to be. */
  get alive(): boolean {
    return !this.#child.killed && !this.#reason;
  }

  /**
   * Asks the process. Settles only when the process has answered or is gone, also after an abort. A
   * call that is late is aborted first, since slow is not hung.
   * @throws GatewayError what the process answered, or `cancelled`, `engine_timeout`, `engine_died`,
   *   `engine_out_of_memory`, and `engine_unavailable` once it is closed.
   */
  async request(
    call: Call,
    signal?: AbortSignal,
    timeoutMs = this.#requestTimeoutMs,
  ): Promise<Result> {
    if (signal?.aborted) throw new GatewayError('cancelled');
    if (!this.alive) throw this.#reason ?? closed();
    const id = this.#nextId++;
    let timer: NodeJS.Timeout;
    const abort = () => {
      this.#send({ kind: 'abort', id });
      clearTimeout(timer);
      timer = setTimeout(() => this.#giveUp(id), this.#abortTimeoutMs);
    };
    let late = false;
    timer = setTimeout(() => {
      late = true;
      abort();
    }, timeoutMs);
    signal?.addEventListener('abort', abort);
    try {
      const result = await new Promise<Result>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject, hung: false });
        this.#send({ kind: 'call', id, call });
      });
      if (!signal?.aborted) return result;
    } catch (error) {
      const answeredAbort = late && GatewayError.from(error).code === 'cancelled';
      if (!signal?.aborted) throw answeredAbort ? new GatewayError('engine_timeout') : error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      this.#pending.delete(id);
    }
    // Whatever came of the abort: it is what the caller asked for.
    throw new GatewayError('cancelled');
  }

  /** Kills the process: it holds nothing worth saving. Idempotent. Never rejects. */
  async close(): Promise<void> {
    this.#closed ||= this.alive;
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  #send(message: ToChild<never, Call>): void {
    // That the channel is gone is no news: the end of the process follows and rejects what waits.
    this.#child.send(message, () => {});
  }

  #receive(message: FromChild<Ready, Result>): void {
    switch (message.kind) {
      case 'result':
        this.#pending.get(message.id)?.resolve(message.result);
        break;
      case 'failed':
        this.#pending.get(message.id)?.reject(fromFailure(message.failure));
        break;
      case 'ready':
      case 'unable':
      case 'log':
        // The handshake and `watch` have read these.
        break;
      default:
        message satisfies never;
    }
  }

  /** Kills a process that is hung. The other calls die with it, without being late themselves. */
  #giveUp(id: number): void {
    const pending = this.#pending.get(id);
    if (pending) pending.hung = true;
    this.#child.kill('SIGKILL');
  }

  #end(end: ProcessEnd): GatewayError {
    const reason = this.#closed ? closed() : errorOfEnd(end);
    const tooLate = new GatewayError('engine_timeout', {
      cause: new Error('It answered neither the call nor the request to end it, and was killed.'),
    });
    const pending = [...this.#pending.values()];
    this.#reason = pending.some(({ hung }) => hung) ? tooLate : reason;
    for (const { hung, reject } of pending) reject(hung ? tooLate : reason);
    return this.#reason;
  }
}

/** Follows a child from its first moment: its log lines, its last words, its end. */
function watch(child: ChildProcess, onLog: OnLog | undefined): Promise<ProcessEnd> {
  const words = createLastLines(lastWordsLimit);
  const kernelKills = countKernelKills();
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    for (const line of words.write(text)) onLog?.('warn', line);
  });
  child.on('message', (message: FromChild<unknown, unknown>) => {
    if (message.kind === 'log') onLog?.(message.level, message.line);
  });
  return new Promise((resolve) => {
    // Unlike "exit", "close" comes after everything that the process wrote and sent.
    child.once('close', (code, signal) => {
      const kernelKilled = countKernelKills() !== kernelKills;
      resolve({ code, signal, lastWords: words.lines(), kernelKilled });
    });
    child.on('error', ({ message }) => {
      if (child.pid !== undefined) return;
      resolve({ code: null, signal: null, lastWords: [message], kernelKilled: false });
    });
  });
}

async function handshake<Ready>(
  child: ChildProcess,
  setup: unknown,
  signal: AbortSignal,
): Promise<Ready> {
  const messages = on(child, 'message', { signal });
  child.send({ kind: 'setup', setup } satisfies ToChild<unknown, never>, () => {});
  for await (const [message] of messages as AsyncIterable<[FromChild<Ready, never>]>) {
    if (message.kind === 'ready') return message.ready;
    if (message.kind === 'unable') throw fromFailure(message.failure);
  }
  throw new GatewayError('model_load_failed');
}

function diedWhileStarting(end: ProcessEnd): never {
  throw errorOfEnd(end, 'model_load_failed');
}

function startedTooSlowly(): never {
  const message = 'The model could not be loaded: it took too long.';
  throw new GatewayError('model_load_failed', { message, cause: new Error(message) });
}

function closed(): GatewayError {
  return new GatewayError('engine_unavailable');
}
