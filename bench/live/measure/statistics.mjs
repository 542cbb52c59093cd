/**
 * The value below which a share of the values lies, with linear interpolation between two.
 * @param {readonly number[]} values
 * @param {number} share 0 … 1
 * @returns {number | null} null without values.
 */
export function percentile(values, share) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)];
  return below + (sorted[Math.ceil(place)] - below) * (place - Math.floor(place));
}

/**
 * @typedef {{ count: number, p50: number | null, p95: number | null, max: number | null }} Spread
 * @param {readonly number[]} values
 * @returns {Spread}
 */
export function spread(values) {
  return {
    count: values.length,
    p50: percentile(values, 0.5),
    p95: percentile(values, 0.95),
    max: percentile(values, 1),
  };
}
