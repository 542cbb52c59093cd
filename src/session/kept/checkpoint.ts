import type { ErrorCode } from '../../errors/index.js';
import type { Ledger, StartTranscription } from '../../protocol/index.js';
import type { UtteranceState } from '../utterance.js';

/** Samples on the session's clock that were lost, and why. */
export interface ShedSpan {
  readonly start: number;
  readonly end: number;
  readonly code: string;
}

/** An account up to the sample before which everything is settled. */
export interface LedgerState {
  /** Everything before this sample is in a final that was sent, silence, or shed. */
  readonly safe: number;
  /** Samples of that in finals. */
  readonly transcribed: number;
  readonly shed: readonly ShedSpan[];
}

/** What transcription has begun and not finished. */
export interface TranscriberState {
  /** Those whose final was not sent, in order. */
  readonly utterances: readonly UtteranceState[];
  /** The number of the newest utterance of which anything was asked; 0 before the first. */
  readonly newest: number;
  /** What is being spoken: a code, or `auto` until that is settled. */
  readonly language: string;
}

/** How a session ended, as it is told again. */
export interface KeptEnd {
  readonly reason: string;
  /** Code and text of the failure; null where it ended as asked. */
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
  readonly ledger: Ledger;
}

/** All that another gateway needs to go on with a session, beside its events and the audio behind `safe`. */
export interface Checkpoint {
  /** As the client asked, with what it changed since. */
  readonly request: StartTranscription;
  /** Epoch milliseconds of the first sample. */
  readonly startedAt: number;
  /** The number of its newest event. */
  readonly seq: number;
  /** Where the recording that is being sent begins on the session's clock. */
  readonly recordingStartMs: number;
  readonly ledger: LedgerState;
  readonly transcription: TranscriberState;
}
