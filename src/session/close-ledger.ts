import { samplesToMs } from '../audio/index.js';
import type { Ledger, SessionEvent } from '../protocol/index.js';
import type { AudioLedger } from './audio-ledger.js';

export interface CloseLedgerParts {
  readonly emit: (event: SessionEvent) => void;
  readonly error: (fields: object, message: string) => void;
  /** The account is wrong, which is a defect of ours. */
  readonly onImbalance: () => void;
}

/**
 * Closes the account of a session that is over: what is still open in it is shed with `code`, and its
 * client is warned of that, as of everything that is shed. An account that is wrong is logged and counted,
 * and told as it is: nothing is added to make it look right.
 */
export function closeLedger(ledger: AudioLedger, code: string, parts: CloseLedgerParts): Ledger {
  const shed = ledger.close(code);
  if (shed > 0) {
    const seconds = (samplesToMs(shed) / 1_000).toFixed(1);
    const message = `${seconds} s of audio were not transcribed: the session ended (${code}).`;
    parts.emit({ type: 'warning', code: 'audio_shed', message });
  }
  const report = ledger.report();
  const { imbalance } = ledger;
  if (imbalance !== 0) {
    parts.error({ imbalance, ledger: report }, 'the ledger of a session does not balance');
    parts.onImbalance();
  }
  return report;
}
