/** How many of the latest waits are remembered. */
const remembered = 500;

/** The waits of the latest windows of a lane, in milliseconds. */
export interface WaitingTimes {
  add(waitMs: number): void;
  /** The share of waits, 0 … 1, that were not longer than the answer; null without any. */
  percentiles(): { readonly p50: number; readonly p95: number; readonly p99: number } | null;
}

export function createWaitingTimes(): WaitingTimes {
  const waits: number[] = [];
  let next = 0;

  return {
    add(waitMs) {
      waits[next] = waitMs;
      next = (next + 1) % remembered;
    },
    percentiles() {
      if (waits.length === 0) return null;
      const sorted = waits.toSorted((a, b) => a - b);
      // The nearest rank: a wait that really happened, not one between two.
      const at = (share: number) => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
      return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
    },
  };
}
