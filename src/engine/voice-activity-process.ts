import { join } from 'node:path';
import type { CreateVoiceActivity } from '../audio/index.js';
import { packageRoot } from '../config/index.js';
import { GatewayError } from '../errors/index.js';
import type {
  OnLog,
  VoiceActivityCall,
  VoiceActivityResult,
  VoiceActivitySetup,
} from './messages.js';
import { ProcessKeeper } from './process-keeper.js';
import { SupervisedProcess } from './supervised-process.js';
import { VoiceActivitySession } from './voice-activity-session.js';

export interface VoiceActivityProcessOptions extends VoiceActivitySetup {
  /** Sessions at the same time. Each costs a few megabytes. @default 1024 */
  readonly maxSessions?: number;
  /** Longest time for the process to load the model, and for a session to wait for it. */
  readonly startTimeoutMs: number;
  /** Longest time for one answer; then the process is replaced. @default 10_000 */
  readonly requestTimeoutMs?: number;
  /** The process died, or could not be started, and another will be. */
  readonly onRestart?: (error: GatewayError) => void;
  /** It failed too often, or in a way that does not heal by itself: it is left for a while. */
  readonly onOpen?: (error: GatewayError, pauseMs: number) => void;
  readonly onLog?: OnLog;
}

/** Voice activity in a process of its own, which is replaced when it dies. */
export interface VoiceActivityProcess {
  /**
   * Opens voice activity for one session.
   * @throws GatewayError `too_many_connections` beyond `maxSessions`, `engine_unavailable` once closed.
   */
  readonly create: CreateVoiceActivity;
  /** Sessions that are open. */
  readonly sessions: number;
  /** How often the process had to be replaced. */
  readonly restarts: number;
  /** The process that is up, or null. */
  readonly pid: number | null;
  /** Why sessions cannot be served for the moment, in plain words; null while they can. */
  readonly problem: string | null;
  /** Ends the process and with it every session. Idempotent. Never rejects. */
  close(): Promise<void>;
}

/**
 * Starts the process and resolves when its model can be used.
 * @throws GatewayError `backend_unavailable`, `model_not_found`, `model_corrupt` or
 *   `model_load_failed`.
 */
export async function createVoiceActivityProcess(
  options: VoiceActivityProcessOptions,
): Promise<VoiceActivityProcess> {
  const { addonPath, modelPath, startTimeoutMs } = options;
  const { maxSessions = 1024, requestTimeoutMs = 10_000 } = options;
  const keeper = await ProcessKeeper.start({
    start: (signal) =>
      SupervisedProcess.start<VoiceActivitySetup, null, VoiceActivityCall, VoiceActivityResult>({
        entry: join(packageRoot, 'dist/engine/voice-activity-main.js'),
        setup: { addonPath, modelPath },
        startTimeoutMs,
        requestTimeoutMs,
        onLog: options.onLog,
        signal,
      }),
    onRestart: options.onRestart,
    onOpen: options.onOpen,
  });
  const open = new Set<VoiceActivitySession>();
  let closed = false;
  let nextId = 1;

  return {
    async create() {
      if (closed) throw new GatewayError('engine_unavailable');
      if (open.size >= maxSessions) throw new GatewayError('too_many_connections');
      const session = new VoiceActivitySession({
        id: nextId++,
        keeper,
        waitMs: startTimeoutMs,
        onClose: () => open.delete(session),
      });
      open.add(session);
      return session;
    },
    get sessions() {
      return open.size;
    },
    get restarts() {
      return keeper.restarts;
    },
    get pid() {
      return keeper.current?.pid ?? null;
    },
    get problem() {
      return keeper.failure && `Voice activity detection is down. ${keeper.failure.message}`;
    },
    async close() {
      closed = true;
      await keeper.close();
      await Promise.all([...open].map((session) => session.close()));
    },
  };
}
