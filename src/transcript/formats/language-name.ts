const names = new Intl.DisplayNames(['en'], { type: 'language' });

/** Where Whisper's names of languages differ from those of Unicode. */
const whisperNames: Readonly<Record<string, string>> = {
  bn: 'bengali',
  jw: 'javanese',
  mi: 'maori',
  my: 'myanmar',
  nn: 'nynorsk',
  tl: 'tagalog',
};

/** Whisper's name of a language, such as `english`; empty for none. @param code ISO 639-1, or null. */
export function languageName(code: string | null): string {
  if (code === null) return '';
  return whisperNames[code] ?? names.of(code)?.toLowerCase() ?? code;
}
