import { tokens } from './tokens.mjs';

/**
 * How sure a system is of a part of its text. `final` closes an utterance, `committed` text will not
 * change, `tentative` text may.
 * @typedef {'tentative' | 'committed' | 'final'} State
 * @typedef {{ text: string, state: State }} Span
 *
 * All text that a viewer sees from one moment on, until the next display. Its spans make the text as
 * they are: a system's adapter puts the spaces where a viewer sees them.
 * @typedef {{ atMs: number, spans: readonly Span[] }} Display `atMs` is on the stream's audio clock:
 *   0 is when the first sample was spoken.
 *
 * @typedef {import('./tokens.mjs').Token & { state: State }} ShownToken
 */

/**
 * The words of a display, each with the state of the span in which it ends.
 * @param {Display} display
 * @returns {ShownToken[]}
 */
export function shownTokens({ spans }) {
  const ends = [];
  let text = '';
  for (const span of spans) {
    text += span.text;
    ends.push(text.length);
  }
  let span = 0;
  return tokens(text).map((token) => {
    while (token.end > ends[span]) span += 1;
    return { ...token, state: spans[span].state };
  });
}

/** @param {State} state */
export function isCommitted(state) {
  return state !== 'tentative';
}
