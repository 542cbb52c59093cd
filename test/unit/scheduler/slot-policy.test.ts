import { describe, expect, test } from 'vitest';
import type { Lane } from '../../../src/engine/index.js';
import {
  maxPreemptions,
  nextLane,
  sparedUntil,
  toPreempt,
  toPreemptForNewcomer,
} from '../../../src/scheduler/slot-policy.js';

interface Run {
  readonly lane: Lane;
  readonly stopping: boolean;
  readonly preemptions: number;
  readonly seconds: number;
  readonly startedAt: number;
  readonly id: number;
}

/**
 * Running windows of 28 s in order of their start; a trailing `!` is worn, a trailing `-` about to end,
 * and a trailing `*` of 10 s only.
 */
function running(...names: string[]): Run[] {
  return names.map((name, id) => ({
    lane: name.replace(/\W/, '') as Lane,
    stopping: name.endsWith('-'),
    preemptions: name.endsWith('!') ? maxPreemptions : 0,
    seconds: name.endsWith('*') ? 10 : 28,
    startedAt: 0,
    id,
  }));
}

const none = { final: 0, partial: 0, batch: 0 };

describe('the next slot', () => {
  test.each([
    { final: 1, partial: 1, batch: 1, next: 'final' },
    { final: 0, partial: 1, batch: 1, next: 'partial' },
    { final: 0, partial: 0, batch: 1, next: 'batch' },
    { final: 0, partial: 0, batch: 0, next: null },
  ])('of $final finals, $partial partials and $batch batch windows: $next', (waiting) => {
    expect(nextLane(2, [], waiting)).toBe(waiting.next);
    expect(nextLane(2, running('final', 'partial'), waiting)).toBeNull();
  });

  test('is not for batch where it is the last one, unless it is the only one', () => {
    const waiting = { ...none, batch: 9 };
    expect(nextLane(1, [], waiting)).toBe('batch');
    expect(nextLane(2, running('batch'), waiting)).toBeNull();
    expect(nextLane(3, running('batch'), waiting)).toBe('batch');
    expect(nextLane(3, running('batch', 'batch'), waiting)).toBeNull();
    expect(nextLane(3, running('batch', 'batch'), { ...waiting, partial: 1 })).toBe('partial');
    // Live work in the kept slot does not free another for batch, nor take one from it.
    expect(nextLane(3, running('final', 'batch'), waiting)).toBe('batch');
  });

  test('is none while more runs than may', () => {
    expect(nextLane(1, running('final', 'final'), { ...none, final: 1 })).toBeNull();
  });
});

describe('pre-emption', () => {
  const preempted = (slots: number, runs: Run[], waiting: Partial<typeof none>, now = 0) =>
    toPreempt(slots, runs, { ...none, ...waiting }, now).map(({ id }) => id);

  test('is none while a slot is free or nothing live waits', () => {
    expect(preempted(3, running('batch', 'partial'), { final: 1 })).toEqual([]);
    expect(preempted(2, running('batch', 'partial'), { batch: 5 })).toEqual([]);
    expect(preempted(2, running('final', 'final'), { final: 5 })).toEqual([]);
  });

  test('takes batch before partials, the youngest first, one for each final', () => {
    const runs = running('batch', 'partial', 'batch', 'partial');
    expect(preempted(4, runs, { final: 1 })).toEqual([2]);
    expect(preempted(4, runs, { final: 2 })).toEqual([2, 0]);
    expect(preempted(4, runs, { final: 3 })).toEqual([2, 0, 3]);
    expect(preempted(4, runs, { final: 99 })).toEqual([2, 0, 3, 1]);
  });

  test('spares partials that will soon end, until a final has waited for long', () => {
    const runs = running('partial', 'partial');
    expect(preempted(2, runs, { final: 1 }, 99)).toEqual([1]);
    expect(sparedUntil(runs, 99)).toBeNull();
    expect(preempted(2, runs, { final: 1 }, 100)).toEqual([]);
    expect(sparedUntil(runs, 100)).toBe(1_000);
    expect(preempted(2, runs, { final: 1 }, 1_000)).toEqual([1]);
    expect(sparedUntil(running('batch', 'final'), 500)).toBeNull();
  });

  test('counts what is about to end as free', () => {
    expect(preempted(2, running('batch', 'partial-'), { final: 1 })).toEqual([]);
    expect(preempted(2, running('batch', 'partial-'), { final: 2 })).toEqual([0]);
  });

  test('for partials takes the only slot from batch, and nothing else', () => {
    expect(preempted(1, running('batch'), { partial: 1 })).toEqual([0]);
    expect(preempted(1, running('partial'), { partial: 1 })).toEqual([]);
    expect(preempted(2, running('batch', 'final'), { partial: 1 })).toEqual([]);
  });

  test('for partials takes what batch holds beyond its share after the slots became fewer', () => {
    expect(preempted(2, running('batch', 'batch', 'batch'), { partial: 1 })).toEqual([2, 1]);
  });

  test('spares a worn window where another slot is left, and takes a partial instead', () => {
    expect(preempted(2, running('batch!', 'partial'), { final: 1 })).toEqual([1]);
    expect(preempted(2, running('batch!', 'final'), { final: 1 })).toEqual([]);
    expect(preempted(1, running('batch!'), { final: 1 })).toEqual([0]);
  });

  test('makes room for one final even where more runs than may', () => {
    expect(preempted(1, running('batch', 'batch'), { final: 1 })).toEqual([1, 0]);
  });
});

describe('making way for the first window of another session', () => {
  const madeWay = (
    slots: number,
    runs: Run[],
    { waiting = none, seconds = 10 }: { waiting?: typeof none; seconds?: number } = {},
  ) => toPreemptForNewcomer(slots, runs, { ...waiting, batch: 1 }, seconds)?.id;

  test('is done by the youngest batch window that did not make way before', () => {
    expect(madeWay(1, running('batch'))).toBe(0);
    expect(madeWay(3, running('batch', 'batch'))).toBe(1);
    expect(madeWay(3, running('batch', 'batch!'))).toBe(0);
    expect(madeWay(2, running('batch!', 'final'))).toBeUndefined();
  });

  test('is done for a much shorter one only, so that newcomers do not drive out each other', () => {
    expect(madeWay(1, running('batch'), { seconds: 14 })).toBe(0);
    expect(madeWay(1, running('batch'), { seconds: 15 })).toBeUndefined();
    expect(madeWay(2, running('batch*'))).toBeUndefined();
    expect(madeWay(3, running('batch', 'batch*'))).toBe(0);
  });

  test('is not needed where batch has a slot, and not done where live work waits', () => {
    expect(madeWay(3, running('batch', 'final'))).toBeUndefined();
    expect(
      madeWay(2, running('batch', 'final'), { waiting: { ...none, partial: 1 } }),
    ).toBeUndefined();
    expect(madeWay(3, running('batch', 'batch', 'final-'))).toBeUndefined();
  });
});
