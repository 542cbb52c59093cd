/** What is given up when memory runs out, in this order. */
export type MemoryStep = 'fewer_slots' | 'smaller_context' | 'smaller_model' | 'cpu';

/** How a worker runs while memory is short. */
export interface MemoryRung {
  /** What was given up last; null at the top, where nothing was. */
  readonly step: MemoryStep | null;
  /** Inferences at the same time. */
  readonly slots: number;
  /** Whether windows are decoded with a context cut to their length, and greedily. */
  readonly lean: boolean;
  /** Whether the smaller model takes the place of the configured one. */
  readonly fallbackModel: boolean;
  /** Whether the device is left alone, and the CPU does its work. */
  readonly onCpu: boolean;
}

/**
 * The way down, as data. A state of whisper.cpp takes more than its share of the weights, so slots
 * are halved first. Then windows give up the full context and the beam: base q8_0 touches 136 MB for
 * a window of 4 s at full context, 204 MB with a beam of eight, and 18 MB with neither (measured).
 */
export function memoryRungs(start: {
  slots: number;
  fallbackModel: boolean;
  gpu: boolean;
}): readonly [MemoryRung, ...MemoryRung[]] {
  const top = { step: null, slots: start.slots, lean: false, fallbackModel: false, onCpu: false };
  const rungs: [MemoryRung, ...MemoryRung[]] = [top];
  let last: MemoryRung = top;
  const descend = (change: Partial<MemoryRung>) => {
    last = { ...last, ...change };
    rungs.push(last);
  };
  while (last.slots > 1) descend({ step: 'fewer_slots', slots: Math.floor(last.slots / 2) });
  descend({ step: 'smaller_context', lean: true });
  if (start.fallbackModel) descend({ step: 'smaller_model', fallbackModel: true });
  if (start.gpu) descend({ step: 'cpu', onCpu: true });
  return rungs;
}

/** How far down a worker is, and when it may climb again. It knows no clock: its owner tells it. */
export interface MemoryLadder {
  readonly rung: MemoryRung;
  /** After so long without any lack of memory, and as long as `settled` is false, `climb` is due. */
  readonly quietMs: number;
  /** At the top, and for long enough to stay there. */
  readonly settled: boolean;
  /** Memory ran out: one rung down. False at the bottom, where nothing is left to give up. */
  descend(): boolean;
  /** It was quiet for `quietMs`: one rung up. False at the top. */
  climb(): boolean;
}

/** What does not hold is tried less and less often: by how much, and how much at most. */
const patience = { factor: 2, max: 16 } as const;

/** @param quietMs Time without any lack of memory after which a rung may be climbed. */
export function createMemoryLadder(
  rungs: readonly [MemoryRung, ...MemoryRung[]],
  quietMs: number,
): MemoryLadder {
  let index = 0;
  let factor = 1;
  /** Whether the last move was a climb, which has not held for `quietMs` yet. */
  let onTrial = false;

  return {
    get rung() {
      return rungs[index] ?? rungs[0];
    },
    get quietMs() {
      return quietMs * factor;
    },
    get settled() {
      return index === 0 && !onTrial;
    },
    descend() {
      if (onTrial) factor = Math.min(factor * patience.factor, patience.max);
      onTrial = false;
      if (index === rungs.length - 1) return false;
      index++;
      return true;
    },
    climb() {
      if (onTrial) factor = 1;
      onTrial = index > 0;
      if (index > 0) index--;
      return onTrial;
    },
  };
}
