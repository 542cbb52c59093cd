import { addCaption, type Caption, type CaptionLog, type Final } from '../../../js/src/index.js';

/**
 * The log after one more caption. An utterance that is overtaken by the next one stays as it was shown, until
 * its final comes after all. Pure.
 */
export function withCaption(log: CaptionLog, caption: Caption): CaptionLog {
  const isOther = log.partial !== null && log.partial.utterance_id !== caption.utterance_id;
  if (caption.type === 'partial') return addCaption(isOther ? withOpenKept(log) : log, caption);
  const open = isOther ? log.partial : null;
  const place = log.finals.findIndex(({ utterance_id }) => utterance_id === caption.utterance_id);
  if (place < 0) return { ...addCaption(log, caption), partial: open };
  const finals = log.finals.with(place, caption).filter(({ text }) => text !== '');
  return { finals, partial: open };
}

/** The log without an open utterance: what was shown of it is still what was said. Pure. */
export function withOpenKept({ finals, partial }: CaptionLog): CaptionLog {
  if (!partial) return { finals, partial };
  const { type: _, committed, tentative, ...rest } = partial;
  const text = `${committed}${tentative}`.trim();
  const kept: Final = { ...rest, type: 'final', text, language: '', confidence: 0 };
  return { finals: text ? [...finals, kept] : finals, partial: null };
}
