/** What a key may be good for. */
export const scopes = ['stream', 'transcribe', 'jobs', 'speech', 'watch', 'admin'] as const;

/**
 * `stream` live audio, `transcribe` files while one waits, `jobs` files in their own time, `speech` texts
 * spoken, `watch` the captions of rooms, `admin` everything about the gateway itself, and every job.
 */
export type Scope = (typeof scopes)[number];

/** Scopes that a token may have: whoever administers does it with a key. */
export const tokenScopes = [
  'stream',
  'transcribe',
  'jobs',
  'speech',
  'watch',
] as const satisfies readonly Exclude<Scope, 'admin'>[];

/** Scopes that a token may have which is bound to a room: what is not about rooms would know no bounds. */
export const roomScopes = ['stream', 'watch'] as const satisfies readonly Scope[];
