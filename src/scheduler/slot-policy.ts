import type { Lane } from '../engine/index.js';
import { lanesByUrgency, type PerLane } from './lanes.js';

/** What the policy knows of a window in the engine. */
export interface Running {
  readonly lane: Lane;
  /** It was told to end, so that its slot is as good as free. */
  readonly stopping: boolean;
  /** How often the window was aborted to make way, before this time. */
  readonly preemptions: number;
  /** Length of its audio. */
  readonly seconds: number;
  /** Milliseconds on the clock of the scheduler. */
  readonly startedAt: number;
}

/** How often a batch window makes way before it is worn; see `isWorn`. */
export const maxPreemptions = 3;

/**
 * A partial makes way for a final before it is this old, while little is lost with it, …
 * Where all slots were busy with live work, what aborting cost in compute was 11 % with every partial
 * that ran and 4 % like this (8 streams on two cores, docs/adr/0007).
 */
export const partialYoungMs = 100;
/** … and from this age on, since a final waits no longer for anything. Between, it soon ends. */
export const partialOldMs = 1_000;

/** A window makes way for the first one of another file where that is at most this share as long. */
const shortShare = 0.5;

/** How long the live lanes have to be empty before the only slot is given to a worn window. */
export const idleBeforeWornMs = 1_000;

/**
 * The lane that the next slot goes to, or null. Final goes before partial, and that before batch,
 * which leaves one slot alone however much of it waits. Where there is only one slot, batch has it
 * while nothing live waits.
 */
export function nextLane(
  slots: number,
  running: readonly Running[],
  waiting: PerLane<number>,
): Lane | null {
  if (running.length >= slots) return null;
  const lane = lanesByUrgency.find((each) => waiting[each] > 0) ?? null;
  if (lane !== 'batch') return lane;
  const batch = running.filter((run) => run.lane === 'batch');
  return batch.length < batchShare(slots) ? 'batch' : null;
}

/**
 * Which running windows are aborted for those that wait. Finals take a slot from batch, and where
 * there is none from partials, unless those are about to end; partials take only what batch holds
 * beyond its share, which is everything where there is one slot. The youngest run goes first, since
 * the least is lost with it.
 * @param running In order of their start.
 */
export function toPreempt<R extends Running>(
  slots: number,
  running: readonly R[],
  waiting: PerLane<number>,
  now: number,
): R[] {
  const staying = running.filter((run) => !run.stopping).reverse();
  const batch = staying.filter((run) => run.lane === 'batch' && !isProtected(run, slots));
  const partials = staying.filter((run) => run.lane === 'partial' && !isAboutToEnd(run, now));
  const free = slots - staying.length;
  const missing = (windows: number) => Math.max(0, Math.min(windows, slots) - free);

  const forFinals = [...batch, ...partials].slice(0, missing(waiting.final));
  const held = staying.filter((run) => run.lane === 'batch').length;
  const beyondShare = batch.slice(0, Math.max(0, held - (slots - 1)));
  const forLive = beyondShare.slice(0, missing(waiting.final + waiting.partial));
  return [...new Set([...forFinals, ...forLive])];
}

/**
 * The running window that makes way for the first one of a session in the batch lane, so that a
 * short clip does not wait for the long windows of a long file; none where it can start anyway.
 * That costs little: a window does so once, for one that is much shorter.
 * @param running In order of their start.
 * @param seconds Length of the first window.
 */
export function toPreemptForNewcomer<R extends Running>(
  slots: number,
  running: readonly R[],
  waiting: PerLane<number>,
  seconds: number,
): R | undefined {
  if (waiting.final + waiting.partial > 0 || running.some((run) => run.stopping)) return undefined;
  const batch = running.filter((run) => run.lane === 'batch');
  if (running.length < slots && batch.length < batchShare(slots)) return undefined;
  return batch.findLast((run) => run.preemptions === 0 && seconds <= shortShare * run.seconds);
}

/** When a partial that is spared now may be aborted, or null: then there is none. */
export function sparedUntil(running: readonly Running[], now: number): number | null {
  const spared = running.filter((run) => run.lane === 'partial' && isAboutToEnd(run, now));
  return spared.length === 0 ? null : Math.min(...spared.map(oldFrom));
}

function isAboutToEnd(run: Running, now: number): boolean {
  return now >= run.startedAt + partialYoungMs && now < oldFrom(run);
}

function oldFrom({ startedAt }: Running): number {
  return startedAt + partialOldMs;
}

/** Batch work leaves one slot alone, unless there is no other. */
function batchShare(slots: number): number {
  return Math.max(1, slots - 1);
}

/**
 * A window that was aborted so often would never end if things went on like this. With several
 * slots it then keeps the one it has: another is left for live work. With one slot that would stop
 * every caption for the length of a window, so there it waits until nothing live has come for
 * `idleBeforeWornMs`, rather than computing in vain in every short pause.
 */
export function isWorn({ preemptions }: { readonly preemptions: number }): boolean {
  return preemptions >= maxPreemptions;
}

function isProtected(run: Running, slots: number): boolean {
  return slots > 1 && isWorn(run);
}
