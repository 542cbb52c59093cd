/** `bytes` in pieces, some of them empty, cut at these positions. */
export function cut(bytes: Uint8Array, positions: readonly number[]): Uint8Array[] {
  const bounds = [0, ...[...positions].sort((a, b) => a - b), bytes.length];
  return bounds.slice(1).map((end, index) => bytes.subarray(bounds[index], end));
}
