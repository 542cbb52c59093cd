/** The names that were added last; older ones are forgotten. */
export interface Recent {
  has(name: string): boolean;
  /** It is the latest then, also where it was there before. */
  add(name: string): void;
}

/** @param limit How many names are remembered. */
export function createRecent(limit: number): Recent {
  // A Set keeps the order of insertion: the first one is the oldest.
  const names = new Set<string>();
  return {
    has: (name) => names.has(name),
    add(name) {
      names.delete(name);
      names.add(name);
      for (const oldest of names) {
        if (names.size <= limit) break;
        names.delete(oldest);
      }
    },
  };
}
