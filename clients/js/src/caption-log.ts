import type { Caption, Final, Partial } from './protocol.js';

/** Captions as a page shows them: what is said for good, and what is being said. */
export interface CaptionLog {
  readonly finals: readonly Final[];
  readonly partial: Partial | null;
}

export const emptyLog: CaptionLog = { finals: [], partial: null };

/** The log after one more caption. Pure. */
export function addCaption(log: CaptionLog, caption: Caption): CaptionLog {
  if (caption.type === 'partial') return { ...log, partial: caption };
  // An utterance in which nothing was heard after all has no text.
  const finals = caption.text === '' ? log.finals : [...log.finals, caption];
  return { finals, partial: null };
}
