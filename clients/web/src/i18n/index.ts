import { computed } from '@preact/signals';
import { settings } from '../settings.js';
import { en, type TextKey } from './en.js';
import { zh } from './zh.js';

export type { TextKey } from './en.js';

const texts = computed(() => (settings.interfaceLanguage.value === 'zh' ? zh : en));

/** A text in the interface's language, with `{name}`s filled in. Rendering anew follows the language. */
export function t(key: TextKey, values: Readonly<Record<string, string>> = {}): string {
  return texts.value[key].replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}

/** How people of the interface's language write numbers, dates and names of languages. */
export function locale(): string {
  return settings.interfaceLanguage.value === 'zh' ? 'zh-CN' : 'en-GB';
}

/** What the model can be told to expect: the languages of Whisper's tokenizer. */
const spokenCodes =
  'af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he hi hr ht hu hy id is it ja jw ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no oc pa pl ps pt ro ru sa sd si sk sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk ur uz vi yi yo yue zh'.split(
    ' ',
  );

/** A language by the gateway's English name for it, as the interface calls it. */
export function languageNamed(english: string): string {
  const names = new Intl.DisplayNames(['en'], { type: 'language' });
  const code = spokenCodes.find((each) => names.of(each)?.toLowerCase() === english);
  return spokenLanguages.value.find((each) => each.code === code)?.name ?? english;
}

/** Languages one can speak, by their names in the interface's language, sorted as people there sort. */
export const spokenLanguages = computed(() => {
  const names = new Intl.DisplayNames([locale()], { type: 'language' });
  return spokenCodes
    .map((code) => ({ code, name: names.of(code === 'jw' ? 'jv' : code) ?? code }))
    .sort((a, b) => a.name.localeCompare(b.name, locale()));
});
