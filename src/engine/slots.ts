/** Bounds of what is chosen over all devices together. */
const fewest = 1;
const most = 8;

/** Share of a GPU's free memory that is used. */
const usableShare = 0.8;

/**
 * Inferences that the CPU runs at the same time: several states with few threads each beat one state
 * with many (measured).
 * @param threads Threads of one inference; 0 shares the cores.
 */
export function cpuSlots(cores: number, threads: number): number {
  return clamp(Math.floor(cores / (threads || 1)), fewest, most);
}

/**
 * Inferences that each GPU runs at the same time: as many as its free memory holds, at least one, and
 * at most eight over all GPUs, handed out in turns.
 * @param freeMemory Bytes, one entry a GPU.
 * @param inferenceMemory Bytes that one takes, its share of everything included.
 */
export function gpuSlots(freeMemory: readonly number[], inferenceMemory: number): number[] {
  const room = freeMemory.map((free) =>
    Math.max(1, Math.floor((free * usableShare) / inferenceMemory)),
  );
  return shareSlots(most, room);
}

/** Slots handed out to devices in turns, until none are left or none has room for one more. */
export function shareSlots(total: number, room: readonly number[]): number[] {
  const given = room.map(() => 0);
  const capacity = Math.min(total, sum(room));
  for (let i = 0, left = capacity; left > 0; i = (i + 1) % room.length) {
    if ((given[i] ?? 0) >= (room[i] ?? 0)) continue;
    given[i] = (given[i] ?? 0) + 1;
    left--;
  }
  return given;
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
