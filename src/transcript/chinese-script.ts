import { Converter as ToTraditional } from 'opencc-js/cn2t';
import { Converter } from 'opencc-js/t2cn';

/** How Chinese text is written; `as_heard` leaves it as the model wrote it. */
export type ChineseScript = 'simplified' | 'traditional' | 'as_heard';

/** Whisper mixes both scripts, even within a sentence. OpenCC's tables say what belongs to which. */
const converters: Record<ChineseScript, (text: string) => string> = {
  simplified: Converter({ from: 't', to: 'cn' }),
  traditional: ToTraditional({ from: 'cn', to: 't' }),
  as_heard: (text) => text,
};

/** Writes words of a Chinese text in one script; each word keeps its place and times. */
export function inScript<T extends { readonly word: string }>(
  words: readonly T[],
  script: ChineseScript,
): T[] {
  const convert = converters[script];
  return words.map((word) => ({ ...word, word: convert(word.word) }));
}
