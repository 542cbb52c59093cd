const small = [
  ...['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'],
  ...['eleven', 'twelve', 'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen'],
  'nineteen',
];
const tens = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const scales = [
  [1_000_000_000, 'billion'],
  [1_000_000, 'million'],
  [1_000, 'thousand'],
  [100, 'hundred'],
];
const irregularOrdinals = {
  one: 'first',
  two: 'second',
  three: 'third',
  five: 'fifth',
  eight: 'eighth',
  nine: 'ninth',
  twelve: 'twelfth',
};
const currencies = { $: 'dollars', '£': 'pounds', '€': 'euros' };

/**
 * What a number written in figures sounds like, as references spell it.
 * @param {string} written Lower case: `15`, `1,450`, `3.5`, `21st`, `$5`, `50%`, `1455`, `1890s`.
 * @returns {string[] | null} Words; null where it is no number.
 */
export function spokenNumber(written) {
  const match = /^([$£€]?)(\d[\d,]*)(?:\.(\d+))?(st|nd|rd|th|s)?(%?)$/.exec(written);
  if (!match) return null;
  const [, currency, figures, decimals, suffix, percent] = match;
  const value = Number(figures.replaceAll(',', ''));
  if (value >= 1e12) return null;
  const isYear = !currency && !percent && !decimals && /^1[1-9]\d\d$/.test(figures);
  const words = isYear ? year(value) : cardinal(value);
  if (decimals) words.push('point', ...[...decimals].map((digit) => small[Number(digit)]));
  if (suffix) words.push(suffix === 's' ? plural(words.pop()) : ordinal(words.pop()));
  if (currency) words.push(currencies[currency]);
  if (percent) words.push('percent');
  return words;
}

function cardinal(value) {
  if (value < 20) return [small[value]];
  if (value < 100) return [tens[Math.floor(value / 10)], ...rest(value % 10)];
  const [size, name] = scales.find(([scale]) => value >= scale);
  return [...cardinal(Math.floor(value / size)), name, ...rest(value % size)];
}

function rest(value) {
  return value === 0 ? [] : cardinal(value);
}

/** 1455 is fourteen fifty five, 1900 nineteen hundred, 1905 nineteen o five. */
function year(value) {
  const century = cardinal(Math.floor(value / 100));
  const years = value % 100;
  if (years === 0) return [...century, 'hundred'];
  return years < 10 ? [...century, 'o', small[years]] : [...century, ...cardinal(years)];
}

function ordinal(word) {
  return irregularOrdinals[word] ?? (word.endsWith('y') ? `${word.slice(0, -1)}ieth` : `${word}th`);
}

function plural(word) {
  return word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`;
}
