import { words } from '../../../bench/live/measure/tokens.mjs';

/** Words of one utterance, a second each, the first from `fromMs` on. */
export function spoken(text: string, { fromMs = 0, utterance = 0, timed = true } = {}) {
  return words(text).map((token: string, index: number) => ({
    token,
    startMs: fromMs + index * 1000,
    endMs: fromMs + (index + 1) * 1000,
    timed,
    utterance,
  }));
}

const states = { F: 'final', C: 'committed', T: 'tentative' } as const;

/** What is seen at a moment, as `F[closed. ]C[sure]T[ guessed]`. */
export function display(atMs: number, script: string) {
  const spans = [...script.matchAll(/([FCT])\[([^\]]*)\]/g)].map(([, state, text]) => ({
    text: text as string,
    state: states[state as keyof typeof states],
  }));
  return { atMs, spans };
}
