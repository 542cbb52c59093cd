/**
 * A queue in which keys take turns: one item of the first key, then one of the next, whatever the
 * number of items that each has waiting. Within a key, first in is first out.
 */
export interface FairQueue<T> {
  readonly size: number;
  /** Last of its key; a key without items joins behind all others. */
  push(key: string, item: T): void;
  /** First of its key, for an item that had its turn already and failed. */
  pushFirst(key: string, item: T): void;
  /** Puts `item` in the place of `old`, so that it inherits the turn. False where `old` does not wait. */
  replace(key: string, old: T, item: T): boolean;
  /** False where the item does not wait. */
  remove(key: string, item: T): boolean;
  take(): T | undefined;
}

export function createFairQueue<T>(): FairQueue<T> {
  // A Map keeps its keys in order of insertion, which is the order of turns.
  const waiting = new Map<string, T[]>();
  let size = 0;

  function lineOf(key: string): T[] {
    const line = waiting.get(key) ?? [];
    waiting.set(key, line);
    return line;
  }

  /** Swaps an item for others; a key without items loses its turn. */
  function splice(key: string, item: T, ...others: T[]): boolean {
    const line = waiting.get(key);
    const index = line?.indexOf(item) ?? -1;
    if (!line || index < 0) return false;
    line.splice(index, 1, ...others);
    size += others.length - 1;
    if (line.length === 0) waiting.delete(key);
    return true;
  }

  return {
    get size() {
      return size;
    },
    push(key, item) {
      lineOf(key).push(item);
      size++;
    },
    pushFirst(key, item) {
      lineOf(key).unshift(item);
      size++;
    },
    replace: (key, old, item) => splice(key, old, item),
    remove: (key, item) => splice(key, item),
    take() {
      const [turn] = waiting;
      if (!turn) return undefined;
      const [key, line] = turn;
      const item = line.shift();
      size--;
      waiting.delete(key);
      if (line.length > 0) waiting.set(key, line);
      return item;
    },
  };
}
