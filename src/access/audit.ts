/** Something that was done to the gateway, or to who may use it. Never what is said. */
export interface AuditEntry {
  /** 1, 2 … */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** Who: the id of a key, `operator` for `API_KEY`, `open` while there are no keys, or `cli`. */
  readonly actor: string;
  /** What, such as `key_created`. */
  readonly action: string;
  /** Whom it befell, such as the id of a key; null where the action says it all. */
  readonly subject: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

export type NewAuditEntry = Pick<AuditEntry, 'actor' | 'action'> &
  Partial<Pick<AuditEntry, 'subject' | 'detail'>>;

/**
 * Entries of each action that are kept; the oldest go first. Of each, since any key can make tokens, and
 * anybody can show wrong keys, until what matters more would be gone.
 */
export const maxAuditEntries = 20_000;
