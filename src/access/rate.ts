/**
 * So many a minute, evenly: whoever has not asked for a while may ask as often at once (a token bucket). A pure
 * data structure.
 */
export interface Rate {
  /** Takes one. @returns 0, or after how many milliseconds there is one again. */
  take(nowMs: number): number;
  /** What `take` would answer, without taking any. */
  wait(nowMs: number): number;
  /** Whether it is as full as a new one. */
  isFull(nowMs: number): boolean;
}

const minuteMs = 60_000;

/** @param aMinute Greater than 0. */
export function createRate(aMinute: number): Rate {
  const msEach = minuteMs / aMinute;
  /** When the bucket is full again. */
  let fullAtMs = 0;
  const nextAtMs = (nowMs: number) => Math.max(nowMs, settled(nowMs)) + msEach;

  /** It takes a minute at most: where it seems to take more, the clock was put back. */
  function settled(nowMs: number): number {
    fullAtMs = Math.min(fullAtMs, nowMs + minuteMs);
    return fullAtMs;
  }

  function wait(nowMs: number): number {
    const waitMs = nextAtMs(nowMs) - nowMs - minuteMs;
    // Fractions of a millisecond are no reason.
    return waitMs > 0.5 ? Math.ceil(waitMs) : 0;
  }

  return {
    take(nowMs) {
      const waitMs = wait(nowMs);
      if (waitMs === 0) fullAtMs = nextAtMs(nowMs);
      return waitMs;
    },
    wait,
    isFull: (nowMs) => settled(nowMs) <= nowMs,
  };
}
