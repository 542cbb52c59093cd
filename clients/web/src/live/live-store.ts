import { batch, signal } from '@preact/signals';
import {
  type Caption,
  ClientError,
  emptyLog,
  type Listening,
  type LiveSession,
  listen,
  listMicrophones,
  type Microphone,
} from '../../../js/src/index.js';
import { client, keyNeeded, loadModels, modelIfThere } from '../gateway.js';
import { room } from '../overlay/room.js';
import { settings } from '../settings.js';
import { withCaption, withOpenKept } from './caption-log.js';

export type Phase = 'idle' | 'opening' | 'connecting' | 'live' | 'reconnecting' | 'stopping';

/** What became of the last lost connection. */
export type Recovery =
  | { readonly kind: 'resumed' | 'restarted' }
  | { readonly kind: 'gap'; readonly seconds: number };

/** Silence between what was said before a stop and after the next start, on the clock of the captions. */
const pauseMs = 1_000;
/** Captions whose delay is looked at. */
const recentDelays = 7;
/** How long it is said that a connection is back. */
const recoveryShownMs = 8_000;

/** Everything the page shows; changed by the functions below only. */
export const live = {
  phase: signal<Phase>('idle'),
  log: signal(emptyLog),
  /** 0 … 1. */
  level: signal(0),
  /** From a word's end to its caption, median of the last few, in ms. */
  delayMs: signal<number | null>(null),
  lagging: signal(false),
  recovery: signal<Recovery | null>(null),
  problem: signal<ClientError | null>(null),
  microphones: signal<readonly MediaDeviceInfo[]>([]),
};

let session: LiveSession | undefined;
/** Counts starts, so that a late answer of an earlier one changes nothing. */
let run = 0;
let delays: number[] = [];
let recoveryTimer: ReturnType<typeof setTimeout> | undefined;

export function toggle(): void {
  if (live.phase.value === 'idle') void start();
  else stop();
}

export async function start(): Promise<void> {
  if (live.phase.value !== 'idle') return;
  const own = ++run;
  batch(() => {
    live.phase.value = 'opening';
    live.problem.value = null;
    live.recovery.value = null;
    live.lagging.value = false;
    live.delayMs.value = null;
  });
  delays = [];
  try {
    const listening = await listenIn();
    if (own !== run) {
      void listening.microphone.close();
      return;
    }
    session = listening.session;
    follow(listening.session, listening.microphone, own);
    void refreshMicrophones();
    await listening.session.start();
  } catch (error) {
    if (own === run) end(error);
  }
}

/** With what is chosen. A microphone that was chosen once may be gone: then with the browser's choice. */
async function listenIn(): Promise<Listening> {
  const { spoken, microphone } = settings;
  const model = modelIfThere(settings.model.value);
  const fields = { language: spoken.value, room: room.value, ...(model && { model }) };
  try {
    return await listen(client, fields, { deviceId: microphone.value });
  } catch (error) {
    const isGone = error instanceof ClientError && error.code === 'no_microphone';
    if (!isGone || microphone.value === '') throw error;
    return listen(client, fields);
  }
}

/** Finishes what was heard; a second time, or before there is a connection, drops it. */
function stop(): void {
  const { value: phase } = live.phase;
  if (phase === 'live' || phase === 'reconnecting') {
    void session?.stop().catch(() => {});
    return;
  }
  run++;
  session?.close();
  end(null);
}

export function clear(): void {
  const { finals } = live.log.value;
  live.log.value = { ...live.log.value, finals: [] };
  if (finals.length > 0) live.delayMs.value = null;
}

export function setSpoken(language: string): void {
  settings.spoken.value = language;
  if (live.phase.value !== 'idle') session?.configure({ language });
}

export async function refreshMicrophones(): Promise<void> {
  live.microphones.value = await listMicrophones();
}

navigator.mediaDevices?.addEventListener('devicechange', () => void refreshMicrophones());

function follow(own: LiveSession, microphone: Microphone, ownRun: number): void {
  const offsetMs = endOfLog();
  const isCurrent = () => ownRun === run;
  microphone.on('level', (level) => {
    live.level.value = level;
  });
  microphone.on('lost', (error) => {
    live.problem.value = error;
  });
  const add = (caption: Caption) => {
    if (!isCurrent()) return;
    if (caption.type === 'partial') noteDelay(own.delayMs(caption.end_ms));
    live.log.value = withCaption(live.log.value, placed(caption, ownRun, offsetMs));
  };
  own.on('partial', add);
  own.on('final', add);
  own.on('gap', ({ start_ms, end_ms }) =>
    recover({ kind: 'gap', seconds: Math.ceil((end_ms - start_ms) / 1_000) }),
  );
  own.on('progress', ({ lag_ms }) => {
    live.lagging.value = lag_ms > 10_000;
  });
  own.on('state', (state) => {
    if (!isCurrent()) return;
    switch (state.name) {
      case 'connecting':
      case 'reconnecting':
      case 'stopping':
        live.phase.value = state.name;
        break;
      case 'live':
        live.phase.value = 'live';
        if (state.resumed !== undefined) {
          // A new session hears the open utterance anew.
          if (!state.resumed) live.log.value = { ...live.log.value, partial: null };
          recover({ kind: state.resumed ? 'resumed' : 'restarted' });
        }
        break;
      case 'stopped':
        end(null);
        break;
      case 'failed':
        end(state.error);
        break;
    }
  });
}

function end(error: unknown): void {
  if (live.phase.value === 'idle' && !error) return;
  session = undefined;
  batch(() => {
    live.phase.value = 'idle';
    live.level.value = 0;
    live.recovery.value = null;
    live.lagging.value = false;
    live.log.value = withOpenKept(live.log.value);
    if (error) live.problem.value = asProblem(error);
  });
  // One was removed since the list was read.
  if (live.problem.value?.code === 'model_not_found') void loadModels();
  if (live.problem.value?.code === 'invalid_api_key') {
    live.problem.value = null;
    keyNeeded.value = true;
    void loadModels();
  }
}

function asProblem(error: unknown): ClientError | null {
  if (!(error instanceof ClientError)) return new ClientError('internal_error', String(error));
  return error.code === 'closed' ? null : error;
}

function recover(recovery: Recovery): void {
  // That something is missing matters more than that the connection is back.
  if (live.recovery.value?.kind === 'gap' && recovery.kind !== 'gap') return;
  live.recovery.value = recovery;
  clearTimeout(recoveryTimer);
  recoveryTimer = setTimeout(() => {
    live.recovery.value = null;
  }, recoveryShownMs);
}

function noteDelay(ms: number): void {
  delays = [...delays, ms].slice(-recentDelays);
  live.delayMs.value = [...delays].sort((a, b) => a - b)[delays.length >> 1] ?? null;
}

/** Where captions of a new start begin, so that all of them have one clock. */
function endOfLog(): number {
  const last = live.log.value.finals.at(-1);
  return last ? last.end_ms + pauseMs : 0;
}

function placed<T extends Caption>(caption: T, ownRun: number, offsetMs: number): T {
  const words =
    caption.type === 'final' && caption.words
      ? {
          words: caption.words.map((word) => ({
            ...word,
            start_ms: word.start_ms + offsetMs,
            end_ms: word.end_ms + offsetMs,
          })),
        }
      : {};
  return {
    ...caption,
    ...words,
    utterance_id: `${ownRun}-${caption.utterance_id}`,
    start_ms: caption.start_ms + offsetMs,
    end_ms: caption.end_ms + offsetMs,
  };
}
