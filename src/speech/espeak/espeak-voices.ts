import type { openAiVoices } from '../openai-voices.js';
import type { EspeakLanguage } from './messages.js';

/**
 * How eSpeak NG sounds for each of OpenAI's names: one of its own variants, of the fitting sex.
 * docs/benchmarks.md has what Whisper understands of each.
 */
export const espeakVariants: Readonly<Record<(typeof openAiVoices)[number], string>> = {
  alloy: 'f2',
  ash: 'm3',
  ballad: 'm7',
  cedar: 'm2',
  coral: 'f4',
  echo: 'm1',
  fable: 'm4',
  marin: 'f1',
  nova: 'f3',
  onyx: 'm8',
  sage: 'Annie',
  shimmer: 'linda',
  verse: 'm6',
};

/** Spoken where neither the request nor the script of the text says which language it is. */
export const defaultLanguage = 'en-us';

/**
 * The language that a tag stands for: exactly, by another of its tags, or by its first part (`de-AT` is
 * spoken as `de`). Null where eSpeak NG has none.
 */
export function findLanguage(
  tag: string,
  languages: readonly EspeakLanguage[],
): EspeakLanguage | null {
  // "en" alone stands for many; the American one is spoken by most, and the variants were chosen for it.
  const wanted = tag.toLowerCase().replaceAll('_', '-').replace(/^en$/, defaultLanguage);
  const [base = ''] = wanted.split('-');
  return (
    languages.find(({ tags }) => tags[0] === wanted) ??
    languages.find(({ tags }) => tags.includes(wanted)) ??
    languages.find(({ tags }) => tags.includes(base)) ??
    null
  );
}
