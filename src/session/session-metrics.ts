import type { Ledger } from '../protocol/index.js';

/** What a session reports while it runs; `telemetry` turns it into metrics. */
export interface SessionMetrics {
  /** A word was committed, `delayMs` of audio after it was spoken. */
  committed(delayMs: number): void;
  /** A final was sent, `delayMs` after its window was cut. */
  endpointToFinal(delayMs: number): void;
  /** A caption was sent, of a window that was decoded at this rung. */
  shown(type: 'partial' | 'final', rung: string): void;
  /** A session that had started is over. */
  stopped(reason: string, ledger: Ledger): void;
}
