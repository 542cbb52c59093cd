/**
 * Numbers that look random and are the same in every run (Mulberry32).
 * @param {number} seed
 * @returns {() => number} 0 … 1
 */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * White noise.
 * @param {number} samples
 * @param {number} peak Largest sample, 0 … 32767.
 * @param {number} seed
 * @returns {Int16Array}
 */
export function noise(samples, peak, seed) {
  const next = random(seed);
  return Int16Array.from({ length: samples }, () => Math.round((next() * 2 - 1) * peak));
}
