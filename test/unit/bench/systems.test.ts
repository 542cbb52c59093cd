import { describe, expect, it } from 'vitest';
import { Utterances } from '../../../bench/live/systems/ours.mjs';
import { Segments } from '../../../bench/live/systems/whisper-live.mjs';
import { spansOf } from '../../../bench/live/systems/whisper-live-kit.mjs';

/** As `F[final]C[committed]T[tentative]`; what has no text is not seen. */
function seen(spans: { text: string; state: string }[]) {
  return spans
    .filter(({ text }) => text.trim() !== '')
    .map(({ text, state }) => `${state.charAt(0).toUpperCase()}[${text}]`)
    .join('');
}

describe('our events', () => {
  const partial = (id: string, startMs: number, committed: string, tentative: string) => ({
    type: 'partial',
    utterance_id: id,
    start_ms: startMs,
    committed,
    tentative,
  });
  const final = (id: string, startMs: number, text: string) => ({
    type: 'final',
    utterance_id: id,
    start_ms: startMs,
    text,
  });

  it('make the text of the session in the order of its audio', () => {
    const utterances = new Utterances();
    utterances.take(partial('u1', 0, 'And so', ', my'));
    utterances.take(partial('u2', 3000, '', 'ask'));
    expect(seen(utterances.spans())).toBe('C[And so]T[, my ]T[ask ]');
    utterances.take(final('u1', 0, 'And so, my fellow.'));
    expect(seen(utterances.spans())).toBe('F[And so, my fellow. ]T[ask ]');
  });

  it('that keep what was committed are right', () => {
    const utterances = new Utterances();
    expect(utterances.take(partial('u1', 0, 'And', ' so'))).toBeNull();
    expect(utterances.take(partial('u1', 0, 'And so', ''))).toBeNull();
    expect(utterances.take(final('u1', 0, 'And so, my'))).toBeNull();
    expect(utterances.take({ type: 'progress', lag_ms: 0 })).toBeNull();
  });

  it('that change what was committed are found, even if only a comma differs', () => {
    const utterances = new Utterances();
    utterances.take(partial('u1', 0, 'And so', ' my'));
    expect(utterances.take(partial('u1', 0, 'And', ' so'))).toContain('"And so"');
    utterances.take(partial('u2', 0, 'And so', ' my'));
    expect(utterances.take(final('u2', 0, 'And, so my'))).toContain('"And so"');
  });

  it('may revise what was committed in a final only, and only where that was asked for', () => {
    const utterances = new Utterances({ stableFinals: false });
    utterances.take(partial('u1', 0, 'And so', ' my'));
    expect(utterances.take(partial('u1', 0, 'And', ' so'))).toContain('"And so"');
    utterances.take(partial('u2', 0, 'And so', ' my'));
    expect(utterances.take(final('u2', 0, 'And, so my'))).toBeNull();
  });

  it('after the final of their utterance are found', () => {
    const utterances = new Utterances();
    utterances.take(final('u1', 0, 'And so'));
    expect(utterances.take(partial('u1', 0, 'And so', ' my'))).toContain('after its final');
  });
});

describe("WhisperLive's segments", () => {
  const segment = (start: string, text: string, completed: boolean) => ({
    start,
    end: '9',
    text,
    completed,
  });

  it('stay once they are completed, also when they are not sent any more', () => {
    const segments = new Segments();
    segments.take([segment('0.0', ' And so', true), segment('2.0', ' my', false)]);
    expect(seen(segments.spans())).toBe('F[ And so ]T[ my]');
    segments.take([segment('2.0', ' my fellow', true), segment('4.0', ' am', false)]);
    expect(seen(segments.spans())).toBe('F[ And so ]F[ my fellow ]T[ am]');
    segments.take([segment('0.0', ' And so', true), segment('2.0', ' my fellow', true)]);
    expect(seen(segments.spans())).toBe('F[ And so ]F[ my fellow ]');
  });
});

describe("WhisperLiveKit's messages", () => {
  it('hold validated lines and a buffer; lines of silence have no text', () => {
    const lines = [{ text: ' And so' }, { text: null }, { text: ' my' }];
    expect(seen(spansOf({ lines, buffer_transcription: ' fellow' }))).toBe(
      'C[ And so ]C[ my ]T[ fellow]',
    );
  });
});
