const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303F\uFF00-\uFF60\uFFE0-\uFFE6]/u;

const graphemes = new Intl.Segmenter();

/** The characters of a text as people see them, and how wide: 2 for Chinese and the like, else 1. */
export function* measured(text: string): Generator<{ character: string; width: number }> {
  for (const { segment } of graphemes.segment(text)) {
    yield { character: segment, width: wide.test(segment) ? 2 : 1 };
  }
}

/** Width of a text in characters; those of Chinese and the like count twice. */
export function textWidth(text: string): number {
  let sum = 0;
  for (const { width } of measured(text)) sum += width;
  return sum;
}
