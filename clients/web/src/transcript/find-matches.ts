/** Where a text was found: in which sentence, and at which of its characters. */
export interface Match {
  readonly sentence: number;
  readonly at: number;
  readonly end: number;
}

/** Every place of a text, whatever its case. */
export function findMatches(texts: readonly string[], query: string): Match[] {
  const sought = query.trim();
  if (sought === '') return [];
  // Spaces are as wide as they are; whoever types one means any.
  const escaped = sought.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+');
  const pattern = new RegExp(escaped, 'giu');
  return texts.flatMap((text, sentence) =>
    [...text.matchAll(pattern)].map(({ index, 0: found }) => ({
      sentence,
      at: index,
      end: index + found.length,
    })),
  );
}
