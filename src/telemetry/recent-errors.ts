/** Something that went wrong. */
export interface RecentError {
  /** Milliseconds since 1970; of the last time where it came several times in a row. */
  readonly at: number;
  readonly code: string;
  /** Null where it befell no session, or more than one. */
  readonly session_id: string | null;
  /** How often it came in a row. */
  readonly count: number;
}

/** What went wrong lately, for who watches. */
export interface RecentErrors {
  note(code: string, sessionId?: string | null): void;
  /** The newest first. */
  readonly list: readonly RecentError[];
}

/** Errors that are kept. */
const maxKept = 50;

/** @param now Milliseconds since 1970. */
export function createRecentErrors(now: () => number = Date.now): RecentErrors {
  const errors: RecentError[] = [];
  return {
    note(code, session_id = null) {
      const [newest] = errors;
      const isSame = newest?.code === code && newest.session_id === session_id;
      // A client that is refused again and again must not push out what else went wrong.
      if (isSame) errors.shift();
      errors.unshift({ at: now(), code, session_id, count: isSame ? newest.count + 1 : 1 });
      errors.length = Math.min(errors.length, maxKept);
    },
    get list() {
      return [...errors];
    },
  };
}
