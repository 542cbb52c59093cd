const digits = [...'零一二三四五六七八九'];
const units = ['', '十', '百', '千'];
const scales = ['', '万', '亿', '万亿'];

/**
 * What a number written in figures sounds like, as references spell it.
 * @param {string} figures `2016`, `11`, `3.5`.
 * @param {string} following The text behind it: years, with 年, are read digit by digit.
 * @returns {string} Chinese characters.
 */
export function spokenChineseNumber(figures, following) {
  const [whole, decimals] = figures.replaceAll(',', '').split('.');
  if (following.startsWith('%') || following.startsWith('％')) {
    return `百分之${spokenChineseNumber(figures, '')}`;
  }
  if (decimals !== undefined) return `${cardinal(whole)}点${digitByDigit(decimals)}`;
  const isYear = following.startsWith('年') && (whole.length === 4 || whole.length === 2);
  return isYear || whole.length > 16 ? digitByDigit(whole) : cardinal(whole);
}

function digitByDigit(figures) {
  return [...figures].map((digit) => digits[Number(digit)]).join('');
}

function cardinal(figures) {
  const value = BigInt(figures);
  if (value === 0n) return digits[0];
  let text = '';
  let left = value;
  for (let scale = 0; left > 0n; scale += 1, left /= 10_000n) {
    const group = Number(left % 10_000n);
    const higher = left / 10_000n > 0n;
    if (group > 0)
      text = `${higher && group < 1000 ? '零' : ''}${ofGroup(group)}${scales[scale]}${text}`;
  }
  // Eleven is 十一, but 一百一十一 within a larger number.
  return text.startsWith('一十') ? text.slice(1) : text;
}

/** 1 … 9999. */
function ofGroup(value) {
  let text = '';
  let gap = false;
  for (let power = 3; power >= 0; power -= 1) {
    const digit = Math.floor(value / 10 ** power) % 10;
    if (digit === 0) {
      gap = text !== '';
      continue;
    }
    text += `${gap ? '零' : ''}${digits[digit]}${units[power]}`;
    gap = false;
  }
  return text;
}
