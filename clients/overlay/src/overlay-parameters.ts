/** One setting of the overlay: a parameter of its address. */
export interface Parameter<T> {
  readonly fallback: T;
  /** What it does, for docs/overlay.md. */
  readonly meaning: string;
  /** What may be written, in words. */
  readonly values: string;
  /** @returns Undefined for what is not understood. */
  readonly parse: (text: string) => T | undefined;
}

/** A number with its bounds, which the settings page needs. */
export interface NumberParameter extends Parameter<number> {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

export interface ChoiceParameter<T extends string> extends Parameter<T> {
  readonly choices: readonly T[];
}

/** Colours of speakers that can be told apart, also by the colour-blind (after Okabe and Ito, lighter). */
const palette = 'ffd166,7cc7ff,8ce99a,ffa8a8,d0bfff,ffc078,66d9e8,f783ac';

/** Everything that can be said about an overlay in its address. */
export const overlayParameters = {
  room: roomName('The room to show. Needed.'),
  lines: number(2, 1, 10, 1, 'Lines that are shown at most.'),
  chars: number(
    42,
    10,
    120,
    1,
    'Longest line, in characters; Chinese, Japanese and Korean ones count twice.',
  ),
  min_ms: number(
    1_500,
    0,
    20_000,
    100,
    'How long a line stays at least after its last word, in ms, before another takes its place.',
  ),
  clear_ms: number(
    8_000,
    0,
    600_000,
    500,
    'After how long without speech everything leaves, in ms; 0 for never.',
  ),
  tentative: choice('show', ['show', 'hide'], 'Whether words are shown that may still change.'),
  size: number(
    5,
    1,
    30,
    0.5,
    'Height of the letters, in percent of the height of the overlay; smaller where `chars` would not fit its width.',
  ),
  font: text(
    '',
    200,
    'Font families that are installed, separated by commas; the system’s own by default.',
  ),
  weight: number(600, 100, 900, 100, 'Weight of the font.'),
  color: colour('ffffff', 'Colour of the words.'),
  background: colour('000000b8', 'Colour behind the words.'),
  edge: choice(
    'none',
    ['none', 'outline', 'shadow'],
    'What the letters stand out by where the background is transparent.',
  ),
  page: colour('transparent', 'Colour of the whole page, such as `00ff00` for a chroma key.'),
  position: choice('bottom', ['top', 'middle', 'bottom'], 'Where the lines stand.'),
  align: choice(
    'center',
    ['left', 'center', 'right'],
    'Where they stand from side to side; a line itself always begins at the same place.',
  ),
  margin: number(4, 0, 30, 0.5, 'Distance from the edges, in percent of the height.'),
  speakers: choice(
    'names',
    ['names', 'colors', 'both', 'off'],
    'How speakers are told apart: by their names, by the colour of what they say, or both.',
  ),
  colors: colours(palette, 'Colours of speakers, in order; `NAME:COLOUR` is for one of them.'),
  language: language(
    '',
    'Shows only what is said in this language: sessions that were started with it, or in which it was recognised.',
  ),
} as const;

export type OverlayParameter = keyof typeof overlayParameters;

/** What an overlay looks like. */
export type OverlayOptions = {
  readonly [K in OverlayParameter]: (typeof overlayParameters)[K] extends Parameter<infer T>
    ? T
    : never;
};

export const defaultOptions = Object.fromEntries(
  Object.entries(overlayParameters).map(([name, { fallback }]) => [name, fallback]),
) as OverlayOptions;

/** @returns What an address says, and the names of what in it is not understood. */
export function parseOptions(query: URLSearchParams): {
  readonly options: OverlayOptions;
  readonly wrong: readonly OverlayParameter[];
} {
  const options: Record<string, unknown> = { ...defaultOptions };
  const wrong: OverlayParameter[] = [];
  for (const [name, parameter] of Object.entries(overlayParameters)) {
    const given = query.get(name)?.trim();
    if (given === undefined || given === '') continue;
    const value = parameter.parse(given);
    if (value === undefined) wrong.push(name as OverlayParameter);
    else options[name] = value;
  }
  return { options: options as OverlayOptions, wrong };
}

/** The query of an overlay's address: only what is not as it would be anyway. */
export function toQuery(options: OverlayOptions): string {
  const query = new URLSearchParams();
  for (const [name, { fallback }] of Object.entries(overlayParameters)) {
    const value = options[name as OverlayParameter];
    if (name === 'room' || value !== fallback) query.set(name, String(value));
  }
  return query.toString();
}

/** As the gateway has it: src/protocol/room-name.ts. */
function roomName(meaning: string): Parameter<string> {
  const pattern = /^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N} ._~-]{0,99}$/u;
  const parse = (given: string) => (pattern.test(given) ? given : undefined);
  const values = 'letters, digits, spaces and `. _ ~ -`, up to 100 characters';
  return { fallback: '', meaning, values, parse };
}

function text(fallback: string, length: number, meaning: string): Parameter<string> {
  const parse = (given: string) => (given.length <= length ? given : undefined);
  return { fallback, meaning, values: `up to ${length} characters`, parse };
}

function number(
  fallback: number,
  min: number,
  max: number,
  step: number,
  meaning: string,
): NumberParameter {
  const parse = (given: string) => {
    const value = Number(given);
    if (!(value >= min && value <= max)) return undefined;
    return Number.isInteger(step) ? Math.round(value) : value;
  };
  return { fallback, meaning, values: `${min} … ${max}`, parse, min, max, step };
}

function choice<const T extends string>(
  fallback: NoInfer<T>,
  choices: readonly T[],
  meaning: string,
): ChoiceParameter<T> {
  const parse = (given: string) => choices.find((each) => each === given.toLowerCase());
  return {
    fallback,
    meaning,
    values: choices.map((each) => `\`${each}\``).join(', '),
    parse,
    choices,
  };
}

function colour(fallback: string, meaning: string): Parameter<string> {
  return { fallback, meaning, values: 'RRGGBB, RRGGBBAA, or a name of CSS', parse: parseColour };
}

function colours(fallback: string, meaning: string): Parameter<string> {
  const parse = (given: string) => {
    const parts = given.split(',').map((part) => {
      const [colour = '', ...name] = part.split(':').reverse();
      const parsed = parseColour(colour.trim());
      return parsed && [...name.reverse(), parsed].join(':').trim();
    });
    return parts.every((part) => part !== undefined) ? parts.join(',') : undefined;
  };
  return { fallback, meaning, values: 'colours, separated by commas', parse };
}

function language(fallback: string, meaning: string): Parameter<string> {
  const parse = (given: string) => (/^[a-z]{2,3}$/i.test(given) ? given.toLowerCase() : undefined);
  return { fallback, meaning, values: 'ISO 639-1 code, such as `en`', parse };
}

function parseColour(given: string): string | undefined {
  const plain = given.replace(/^#/, '').toLowerCase();
  return /^([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8}|[a-z]{3,30})$/.test(plain) ? plain : undefined;
}
