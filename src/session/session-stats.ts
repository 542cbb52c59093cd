/** What can be told of a live session; never what is said in it. Named as `/v1/stats` shows it. */
export interface SessionFigures {
  readonly session_id: string;
  /** `detached` waits for a client that was cut off. */
  readonly state: 'idle' | 'starting' | 'streaming' | 'draining' | 'detached' | 'stopped';
  readonly room: string | null;
  readonly speaker: string | null;
  /** Milliseconds since 1970; null before the start. */
  readonly started_at: number | null;
  /** A code, or `auto` until that is settled; null before the start. */
  readonly language: string | null;
  /** Null until it is loaded. */
  readonly model: string | null;
  /** How thoroughly what was shown last was decoded. */
  readonly rung: string | null;
  readonly received_ms: number;
  /** Audio that was received and is not answered yet. */
  readonly lag_ms: number;
}

export interface SessionStats {
  readonly open: number;
  /** Those among them that wait for their client. */
  readonly detached: number;
  /** Of those that audio flows in; null without any. */
  readonly lag_ms: { readonly p50: number; readonly p95: number; readonly max: number } | null;
  /** Those that are furthest behind, and not all where there are many. */
  readonly listed: readonly SessionFigures[];
}

/** Sessions that are listed one by one: more than anybody reads, and still a small answer. */
const maxListed = 100;

/** @param figures Of every session there is. */
export function sessionStats(figures: readonly SessionFigures[]): SessionStats {
  const byLag = figures.toSorted((a, b) => b.lag_ms - a.lag_ms);
  const running = byLag.filter(({ state }) => state === 'streaming' || state === 'draining');
  // The nearest rank, counted from the longest on.
  const at = (share: number) =>
    running[running.length - Math.ceil(share * running.length)]?.lag_ms ?? 0;
  return {
    open: figures.length,
    detached: figures.filter(({ state }) => state === 'detached').length,
    lag_ms: running.length === 0 ? null : { p50: at(0.5), p95: at(0.95), max: at(1) },
    listed: byLag.slice(0, maxListed),
  };
}
