/**
 * Whose turn it is among flows that share one resource by weight. A pure data structure.
 *
 * This is start-time fair queueing (P. Goyal, H. M. Vin and H. Cheng, "Start-time Fair Queuing: A
 * Scheduling Algorithm for Integrated Services Packet Switching Networks", SIGCOMM 1996): a flow's
 * tag grows by cost ÷ weight with each turn, the lowest tag is next, and a flow that comes back
 * starts at the tag being served, so that it neither saves up turns while away nor pays twice. Any
 * two flows that keep waiting get the same cost ÷ weight, give or take one item of each.
 */
export interface Turns {
  /** The flow has something waiting; one that joins at the same tag as others comes after them. */
  join(flow: string): void;
  /** It has nothing waiting any more. What it was served of late still counts when it returns. */
  leave(flow: string): void;
  /** The flow whose turn it is. */
  next(): string | undefined;
  /** That flow took its turn. @param cost What it was given, divided by its weight. */
  served(flow: string, cost: number): void;
  /** Whether the flow waits, or would not start afresh if it returned. */
  remembers(flow: string): boolean;
}

export function createTurns(): Turns {
  // A Map keeps its keys in order of insertion, which decides between equal tags.
  const waiting = new Map<string, number>();
  /** Tags of flows that left while they were ahead of the others. */
  const away = new Map<string, number>();
  /** The tag that was served last; the virtual time of the paper. */
  let current = 0;

  return {
    join(flow) {
      if (waiting.has(flow)) return;
      waiting.set(flow, Math.max(current, away.get(flow) ?? current));
      away.delete(flow);
    },
    leave(flow) {
      const tag = waiting.get(flow) ?? current;
      waiting.delete(flow);
      if (tag > current) away.set(flow, tag);
    },
    next() {
      let first: string | undefined;
      let lowest = Number.POSITIVE_INFINITY;
      for (const [flow, tag] of waiting) {
        if (tag >= lowest) continue;
        first = flow;
        lowest = tag;
      }
      return first;
    },
    served(flow, cost) {
      const tag = waiting.get(flow) ?? current;
      current = Math.max(current, tag);
      waiting.delete(flow);
      waiting.set(flow, tag + cost);
      for (const [gone, old] of away) if (old <= current) away.delete(gone);
    },
    remembers: (flow) => waiting.has(flow) || away.has(flow),
  };
}
