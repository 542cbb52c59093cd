/** What a key has taken in a day. */
export interface Usage {
  readonly requests: number;
  /** That were begun: streams, and those that watch. */
  readonly connections: number;
  /** Of live audio and of files. */
  readonly audioMs: number;
  /** Of texts that were to be spoken. */
  readonly speechCharacters: number;
  /** Times that a limit was met. */
  readonly refused: number;
}

export const noUsage: Usage = {
  requests: 0,
  connections: 0,
  audioMs: 0,
  speechCharacters: 0,
  refused: 0,
};

/** Usage of one key on one day. */
export interface DayUsage extends Usage {
  /** The id of a key, or `operator` for `API_KEY`, or `open` while there are no keys. */
  readonly key: string;
  /** In UTC, as `2026-11-23`. */
  readonly day: string;
}

export function sumUsage(one: Usage, other: Usage): Usage {
  return {
    requests: one.requests + other.requests,
    connections: one.connections + other.connections,
    audioMs: one.audioMs + other.audioMs,
    speechCharacters: one.speechCharacters + other.speechCharacters,
    refused: one.refused + other.refused,
  };
}

/** The day of a time in UTC. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Until the next day begins in UTC. */
export function msLeftOfDay(ms: number): number {
  const dayMs = 86_400_000;
  return dayMs - (ms % dayMs);
}
