import { batch, signal } from '@preact/signals';
import { ClientError, type Health, type Stats } from '../../../js/src/index.js';
import { client, keyNeeded, loadModels } from '../gateway.js';

/** What the charts draw of one answer. */
export interface Sample {
  /** Milliseconds since 1970, by this browser's clock. */
  readonly at: number;
  /** Null while nobody speaks. */
  readonly delayMs: { readonly p50: number; readonly max: number } | null;
  readonly waiting: Readonly<Record<'final' | 'partial' | 'batch', number>>;
  readonly active: number;
  readonly slots: number;
  readonly open: number;
  readonly detached: number;
}

/** How far back the charts go. */
export const shownMs = 600_000;
/** From an answer to the next question. */
const pollMs = 1_000;
/** The same after a question without an answer. */
const retryMs = 3_000;
/** A gateway that takes longer counts as one that cannot be reached. */
const timeoutMs = 5_000;
/** Models come and go seldom; whether they are loaded, the statistics tell. */
const modelsEvery = 15;

/** Everything the page shows; changed by the functions below only. */
export const monitor = {
  stats: signal<Stats | null>(null),
  health: signal<Health | null>(null),
  /** The oldest first; kept while other pages are shown. */
  samples: signal<readonly Sample[]>([]),
  /** Why the last question had no answer; null where it had one. */
  problem: signal<ClientError | null>(null),
};

let polls = 0;

/** Asks again and again while the page can be seen. @returns What ends that. */
export function watchGateway(): () => void {
  let ended = false;
  let asking = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const poll = async () => {
    clearTimeout(timer);
    if (ended || asking || document.hidden || keyNeeded.value) return;
    asking = true;
    await look();
    asking = false;
    if (!ended) timer = setTimeout(() => void poll(), monitor.problem.value ? retryMs : pollMs);
  };
  const askNow = () => void poll();
  document.addEventListener('visibilitychange', askNow);
  const forgetKey = keyNeeded.subscribe(askNow);
  return () => {
    ended = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', askNow);
    forgetKey();
  };
}

/** Asks once, and takes the answer in. Never rejects. */
export async function look(): Promise<void> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const answers = Promise.all([client.admin.stats(signal), client.health()]);
    const [stats, health] = await Promise.race([answers, rejectedBy(signal)]);
    batch(() => {
      monitor.stats.value = stats;
      monitor.health.value = health;
      monitor.problem.value = null;
      const { value: samples } = monitor.samples;
      const begin = Date.now() - shownMs;
      monitor.samples.value = [...samples.filter(({ at }) => at > begin), sampleOf(stats)];
    });
    if (polls++ % modelsEvery === 0) void loadModels();
  } catch (error) {
    const problem = asProblem(error);
    if (problem.code === 'invalid_api_key') keyNeeded.value = true;
    else monitor.problem.value = problem;
  }
}

/** Never resolves: not every question can be taken back. */
function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

function sampleOf({ sessions, lanes, active_tasks, max_concurrent }: Stats): Sample {
  return {
    at: Date.now(),
    delayMs: sessions.lag_ms,
    waiting: {
      final: lanes.final.waiting,
      partial: lanes.partial.waiting,
      batch: lanes.batch.waiting,
    },
    active: active_tasks,
    slots: max_concurrent,
    open: sessions.open,
    detached: sessions.detached,
  };
}

/** What is no error of the gateway's is an answer that did not come in time, or was none. */
function asProblem(error: unknown): ClientError {
  if (error instanceof ClientError) return error;
  return new ClientError('connection_failed', String(error), { cause: error });
}
