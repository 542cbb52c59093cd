/** Chance that can be had again: the same seed gives the same numbers. */
export interface Random {
  readonly seed: number;
  /** 0 … 1, without 1. */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number;
  pick<T>(from: readonly T[]): T;
}

/** xorshift32 (Marsaglia, 2003). @param seed Of `CHAOS_SEED`, so that a failure can be looked at again. */
export function seededRandom(
  seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000),
): Random {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
  const between = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  return { seed, next, between, pick: (from) => from[between(0, from.length - 1)] as never };
}
