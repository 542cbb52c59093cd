import type { PlacedWord, Sentence } from './sentences.js';

/** A word, or a character where words are written without spaces. */
const token =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]|[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu;

interface Token {
  readonly text: string;
  readonly at: number;
}

interface TimedToken extends Token {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * A sentence with another text. Words that it has in common with the old one, in order (the longest common
 * subsequence), keep their times; those in between share the time in between by their length.
 */
export function retimed(sentence: Sentence, text: string): Sentence {
  if (text === sentence.text) return sentence;
  const before = sentence.words.flatMap((word) => timedTokens(sentence.text, word));
  const after = tokensOf(text);
  const kept = commonTokens(before, after);
  const words: PlacedWord[] = [];
  let from = 0;
  let fromMs = sentence.startMs;
  const fill = (to: number, toMs: number) => {
    const between = after.slice(from, to);
    const length = between.reduce((sum, each) => sum + each.text.length, 0);
    let said = 0;
    for (const each of between) {
      const timeOf = (share: number) => fromMs + (Math.max(0, toMs - fromMs) * share) / length;
      const startMs = timeOf(said);
      said += each.text.length;
      words.push({ at: each.at, end: each.at + each.text.length, startMs, endMs: timeOf(said) });
    }
  };
  for (const [index, old] of kept) {
    fill(index, old.startMs);
    const { at, text: same } = after[index] as Token;
    words.push({ at, end: at + same.length, startMs: old.startMs, endMs: old.endMs });
    [from, fromMs] = [index + 1, old.endMs];
  }
  fill(after.length, sentence.endMs);
  return { ...sentence, text, words };
}

function tokensOf(text: string): Token[] {
  return [...text.matchAll(token)].map((match) => ({ text: match[0], at: match.index }));
}

/** The tokens of one word, which share its time. */
function timedTokens(text: string, { at, end, startMs, endMs }: PlacedWord): TimedToken[] {
  const msPerCharacter = (endMs - startMs) / Math.max(1, end - at);
  return tokensOf(text.slice(at, end)).map((each) => ({
    ...each,
    startMs: startMs + each.at * msPerCharacter,
    endMs: startMs + (each.at + each.text.length) * msPerCharacter,
  }));
}

/** Indices of new tokens that were there before, each with the old one. */
function commonTokens(
  before: readonly TimedToken[],
  after: readonly Token[],
): [number, TimedToken][] {
  const old = before.map(({ text }) => bare(text));
  const now = after.map(({ text }) => bare(text));
  // lengths[i][j]: of the longest common subsequence of what follows i and j.
  const lengths = Array.from({ length: old.length + 1 }, () => new Uint16Array(now.length + 1));
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    const row = lengths[i] as Uint16Array;
    for (let j = now.length - 1; j >= 0; j--) {
      row[j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const common: [number, TimedToken][] = [];
  for (let i = 0, j = 0; i < old.length && j < now.length; ) {
    if (old[i] === now[j]) common.push([j++, before[i++] as TimedToken]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return common;
}

/** A full stop more does not make another word. */
function bare(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '') || text;
}
