/** Scripts by the language that is most often written in them, as eSpeak NG calls it. */
const languages: readonly (readonly [script: RegExp, language: string])[] = [
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/gu, 'ja'],
  [/\p{Script=Han}/gu, 'cmn'],
  [/\p{Script=Hangul}/gu, 'ko'],
  [/\p{Script=Cyrillic}/gu, 'ru'],
  [/\p{Script=Greek}/gu, 'el'],
  [/\p{Script=Arabic}/gu, 'ar'],
  [/\p{Script=Hebrew}/gu, 'he'],
  [/\p{Script=Devanagari}/gu, 'hi'],
  [/\p{Script=Bengali}/gu, 'bn'],
  [/\p{Script=Tamil}/gu, 'ta'],
  [/\p{Script=Telugu}/gu, 'te'],
  [/\p{Script=Thai}/gu, 'th'],
  [/\p{Script=Georgian}/gu, 'ka'],
  [/\p{Script=Armenian}/gu, 'hy'],
];

/**
 * The language to read a text in when nobody says which: that of the script most of it is written in.
 * Null for Latin letters, which too many languages share. Kana make a text Japanese, however many
 * Chinese characters it has.
 */
export function languageOfScript(text: string): string | null {
  const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0;
  const counts = languages.map(([script, language]) => ({
    language,
    letters: text.match(script)?.length ?? 0,
  }));
  const others = counts.reduce((sum, { letters }) => sum + letters, 0);
  // A character of these scripts often is a syllable or a word: a fair share is enough.
  if (others === 0 || others < latin / 2) return null;
  if (counts[0] && counts[0].letters > others / 10) return 'ja';
  return counts.reduce((a, b) => (b.letters > a.letters ? b : a)).language;
}
