import { GatewayError } from '../errors/index.js';
import { toFailure } from './failure.js';
import type { FromChild, OnLog, ToChild } from './messages.js';
import { ExitCode } from './process-end.js';

/** What a process offers once it is set up. */
export interface Service<Ready, Call, Result> {
  readonly ready: Ready;
  /** Answers one call; `signal` asks it to end soon. Several may be under way. */
  call(call: Call, signal: AbortSignal): Promise<Result>;
}

/**
 * The child's side of `SupervisedProcess`, for the whole life of the process: opens the service that
 * the parent asks for, answers its calls, and leaves when the parent is gone. No message ends it.
 */
export function serveParent<Setup, Ready, Call, Result>(
  open: (setup: Setup, log: OnLog) => Promise<Service<Ready, Call, Result>>,
): void {
  if (!process.send) {
    process.stderr.write('This program is started by the gateway, not by hand.\n');
    process.exit(ExitCode.noParent);
  }
  const calls = new Map<number, AbortController>();
  let opening = false;
  let service: Service<Ready, Call, Result> | null = null;

  function send(message: FromChild<Ready, Result>, sent: () => void = () => {}): void {
    // Where the parent is gone, "disconnect" says so.
    process.send?.(message, undefined, undefined, sent);
  }

  const log: OnLog = (level, line) => send({ kind: 'log', level, line });

  async function setUp(setup: Setup): Promise<void> {
    if (opening) return log('warn', 'A second "setup" was ignored.');
    opening = true;
    try {
      service = await open(setup, log);
      send({ kind: 'ready', ready: service.ready });
    } catch (error) {
      send({ kind: 'unable', failure: toFailure(error) }, () => process.exit(ExitCode.unable));
    }
  }

  async function answer(id: number, call: Call): Promise<void> {
    const controller = new AbortController();
    calls.set(id, controller);
    try {
      if (!service) throw new GatewayError('engine_unavailable');
      send({ kind: 'result', id, result: await service.call(call, controller.signal) });
    } catch (error) {
      send({ kind: 'failed', id, failure: toFailure(error) });
    } finally {
      calls.delete(id);
    }
  }

  process.on('message', (message: ToChild<Setup, Call>) => {
    switch (message?.kind) {
      case 'setup':
        return void setUp(message.setup);
      case 'call':
        return void answer(message.id, message.call);
      case 'abort':
        return calls.get(message.id)?.abort();
      default:
        log('warn', 'A message of an unknown kind was ignored.');
    }
  });

  // Terminals and service managers signal the whole group. When to end is the parent's decision: it
  // still needs this process to finish what was heard.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

  // Nobody is left to read an exit code, and nothing may keep an orphan: not a hung inference either.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
}
