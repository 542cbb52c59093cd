import { createTurns, type Turns } from './turns.js';

/** What waits in a fair queue. */
export interface Share {
  /** Whom the turn is taken for. */
  readonly key: string;
  /** A key's sessions share its turns equally. */
  readonly sessionId: string;
  /** Greater than 0: a key of weight 2 gets twice as much as one of weight 1. */
  readonly weight: number;
  /** What a turn costs the key: seconds of audio. */
  readonly seconds: number;
  /** What it costs the session, among those of its key. */
  readonly sessionCost: number;
}

/**
 * A queue that is fair twice: between keys by their weight and seconds of audio, and within a key
 * between its sessions. Within a session, first in is first out.
 */
export interface FairQueue<T extends Share> {
  readonly size: number;
  /** Last of its session. */
  push(item: T): void;
  /** First of its session, for an item that had its turn and failed; the next turn is paid again. */
  pushFirst(item: T): void;
  /** First of all, for an item whose turn was interrupted; it has paid for it. */
  putBack(item: T): void;
  /** First of its session, for an item that gave its turn to another session; it has paid as well. */
  giveWay(item: T): void;
  /** `item` inherits the place of `old`. False where `old` does not wait or is not of the same session. */
  replace(old: T, item: T): boolean;
  /** False where the item does not wait. */
  remove(item: T): boolean;
  /** What `take` would give. */
  peek(): T | undefined;
  take(): T | undefined;
}

/** The sessions of one key, and what each has waiting. */
interface Group<T> {
  readonly turns: Turns;
  readonly lines: Map<string, T[]>;
}

export function createFairQueue<T extends Share>(): FairQueue<T> {
  const turns = createTurns();
  const groups = new Map<string, Group<T>>();
  const returned: T[] = [];
  /** Items in their lines whose next turn is free. */
  const paid = new Set<T>();
  let size = 0;

  /** The line of an item's session, which is about to get something. */
  function lineOf({ key, sessionId }: T): T[] {
    const group = groups.get(key) ?? { turns: createTurns(), lines: new Map() };
    groups.set(key, group);
    const line = group.lines.get(sessionId) ?? [];
    group.lines.set(sessionId, line);
    group.turns.join(sessionId);
    turns.join(key);
    size++;
    return line;
  }

  /** Takes a session, or a key, without anything waiting out of its turns. */
  function tidy({ key, sessionId }: T): void {
    const group = groups.get(key);
    if (!group || group.lines.get(sessionId)?.length) return;
    group.lines.delete(sessionId);
    group.turns.leave(sessionId);
    if (group.lines.size === 0) turns.leave(key);
  }

  /** Swaps an item for others of the same session. */
  function splice(item: T, ...others: T[]): boolean {
    const line = groups.get(item.key)?.lines.get(item.sessionId);
    for (const items of [returned, line ?? []]) {
      const index = items.indexOf(item);
      if (index < 0) continue;
      items.splice(index, 1, ...others);
      paid.delete(item);
      size += others.length - 1;
      tidy(item);
      return true;
    }
    return false;
  }

  function peek(): T | undefined {
    if (returned[0]) return returned[0];
    const group = groups.get(turns.next() ?? '');
    return group?.lines.get(group.turns.next() ?? '')?.[0];
  }

  /** A key that would start afresh anyway needs not be remembered. */
  function forgetGroups(): void {
    for (const key of groups.keys()) if (!turns.remembers(key)) groups.delete(key);
  }

  return {
    get size() {
      return size;
    },
    push: (item) => void lineOf(item).push(item),
    pushFirst: (item) => void lineOf(item).unshift(item),
    putBack(item) {
      returned.unshift(item);
      size++;
    },
    giveWay(item) {
      lineOf(item).unshift(item);
      paid.add(item);
    },
    replace: (old, item) =>
      old.key === item.key && old.sessionId === item.sessionId && splice(old, item),
    remove: (item) => splice(item),
    peek,
    take() {
      const item = peek();
      if (!item) return undefined;
      if (item !== returned[0] && !paid.has(item)) {
        turns.served(item.key, item.seconds / item.weight);
        groups.get(item.key)?.turns.served(item.sessionId, item.sessionCost);
      }
      splice(item);
      forgetGroups();
      return item;
    },
  };
}
