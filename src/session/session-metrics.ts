import type { ErrorCode } from '../errors/index.js';
import type { Ledger } from '../protocol/index.js';
import type { Retracted } from '../transcript/index.js';

/** What a session reports while it runs; `telemetry` turns it into metrics. */
export interface SessionMetrics {
  /** Samples were taken from the decoder, `delayMs` after the bytes came that they may be of. */
  decoded(delayMs: number): void;
  /** A word was committed, `delayMs` of audio after it was spoken. */
  committed(delayMs: number): void;
  /** A final was sent, `delayMs` after its window was cut. */
  endpointToFinal(delayMs: number): void;
  /** A caption was sent, of a window that was decoded at this rung. */
  shown(type: 'partial' | 'final', rung: string): void;
  /** Words that a caption had shown are not in the next one. */
  retracted(words: Retracted): void;
  /** A final window could not be transcribed. */
  shed(code: ErrorCode): void;
  /** The session failed, or audio of it could not be transcribed. */
  failed(code: ErrorCode): void;
  /** The ledger of a session does not sum up to what was received. */
  unbalanced(): void;
  /** A session that had started is over. */
  stopped(reason: string, ledger: Ledger): void;
}
