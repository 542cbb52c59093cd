import type { Lane } from '../engine/index.js';
import { catalog } from '../errors/index.js';
import type { Ledger } from '../protocol/index.js';
import type { Outcome, SchedulerHooks } from '../scheduler/index.js';
import type { Retracted } from '../transcript/index.js';
import type { Logger } from './logger.js';
import type { Metrics } from './metrics.js';

/** Counts what the scheduler does. */
export function schedulerHooks(metrics: Metrics): SchedulerHooks {
  // Rates of what has not happened yet are 0, not unknown.
  metrics.windows.inc({ lane: 'partial', outcome: 'stale' }, 0);
  for (const lane of ['final', 'partial', 'batch']) {
    metrics.missedDeadlines.inc({ lane }, 0);
    metrics.oomErrors.inc({ lane }, 0);
  }
  const failed = (lane: Lane, outcome: Outcome) => {
    if (outcome === 'engine_out_of_memory') metrics.oomErrors.inc({ lane });
  };
  for (const lane of ['partial', 'batch']) metrics.preemptions.inc({ lane }, 0);
  return {
    onStarted: ({ lane, queueMs }) => metrics.queueSeconds.observe({ lane }, queueMs / 1000),
    onLate: ({ lane }) => metrics.missedDeadlines.inc({ lane }),
    onRetry: ({ lane, code }) => {
      metrics.retries.inc({ lane, code });
      failed(lane, code);
    },
    onPreempted: ({ lane, ranMs }) => {
      metrics.preemptions.inc({ lane });
      metrics.preemptedSeconds.inc({ lane }, ranMs / 1000);
    },
    onSettled: ({ lane, outcome, inferenceMs }) => {
      failed(lane, outcome);
      metrics.windows.inc({ lane, outcome });
      if (inferenceMs > 0) metrics.inferenceSeconds.observe({ lane }, inferenceMs / 1000);
    },
  };
}

/** Counts what sessions report; has the shape of their `SessionMetrics`. */
export function sessionMetrics(metrics: Metrics) {
  // The first one has to be an increase, or nobody is alerted; and a final may fail with any code.
  for (const code of Object.keys(catalog)) metrics.sheds.inc({ code }, 0);
  for (const kind of ['tentative', 'committed']) metrics.retractions.inc({ kind }, 0);
  return {
    decoded: (delayMs: number) => metrics.decodeSeconds.observe(delayMs / 1000),
    committed: (delayMs: number) => metrics.emissionSeconds.observe(delayMs / 1000),
    endpointToFinal: (delayMs: number) => metrics.finalSeconds.observe(delayMs / 1000),
    shown: (type: 'partial' | 'final', rung: string) => metrics.captions.inc({ type, rung }),
    retracted: ({ tentative, committed }: Retracted) => {
      metrics.retractions.inc({ kind: 'tentative' }, tentative);
      metrics.retractions.inc({ kind: 'committed' }, committed);
    },
    shed: (code: string) => metrics.sheds.inc({ code }),
    unbalanced: () => metrics.ledgerImbalances.inc(),
    stopped: (reason: string, ledger: Ledger) => {
      metrics.sessionsTotal.inc({ reason });
      metrics.receivedSeconds.inc(ledger.received_ms / 1000);
      for (const { start_ms, end_ms, code } of ledger.shed) {
        metrics.shedSeconds.inc({ code }, (end_ms - start_ms) / 1000);
      }
    },
  };
}

/** Counts clients that come back to their session, and those that do not. */
export function resumeHooks(metrics: Metrics) {
  for (const outcome of ['resumed', 'moved', 'unknown']) metrics.resumes.inc({ outcome }, 0);
  return {
    onResumed: (outcome: 'resumed' | 'moved' | 'unknown') => metrics.resumes.inc({ outcome }),
    onExpired: () => metrics.resumeExpiries.inc(),
  };
}

/** Counts what is spoken; has the shape of the speech service's hooks. */
export function speechHooks(metrics: Metrics) {
  return {
    onChild: (change: 1 | -1) => metrics.ffmpegChildren.inc(change),
    onFirstBytes: (fromRequestMs: number) =>
      metrics.speechFirstBytesSeconds.observe(fromRequestMs / 1000),
    onSettled: (ended: {
      readonly model: string;
      readonly code: string | null;
      readonly characters: number;
      readonly seconds: number;
    }) => {
      const { model, code, characters, seconds } = ended;
      metrics.speechRequests.inc({ model, outcome: code ?? 'ok' });
      if (model === '') return;
      metrics.speechSeconds.inc({ model }, seconds);
      if (code === null) metrics.speechCharacters.inc({ model }, characters);
    },
  };
}

/** Programs ask these all the time, and pages are many files. */
const askedAllTheTime = /^(\/health|\/ready|\/metrics|\/v1\/stats)$/;

/** Counts and logs requests that were answered. */
export function requestHook(metrics: Metrics, logger: Logger) {
  return (answered: {
    readonly requestId: string;
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly tookMs: number;
  }) => {
    const { method, route, status } = answered;
    metrics.httpRequests.inc({ method, route, status });
    const often = status < 400 && (askedAllTheTime.test(route) || !route.startsWith('/v1/'));
    logger[often ? 'debug' : 'info'](answered, 'request answered');
  };
}
