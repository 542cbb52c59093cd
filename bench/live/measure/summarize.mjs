import { percentile, spread } from './statistics.mjs';

/** A stream is live while the 95th percentile of spoken → committed stays below this. */
const liveDelayMs = 5_000;
/** … and the delay in its last third is not this much above the one in its first third. */
const growthMs = 1_000;

/**
 * Pools the measures of streams that ran together, or one after the other in the same setting.
 * @param {readonly import('./measure-stream.mjs').StreamMeasures[]} streams
 */
export function summarize(streams) {
  const delays = streams.flatMap((stream) => stream.delays);
  const heardWords = sum(streams, ({ heardWords }) => heardWords);
  const tentative = sum(streams, ({ retractions }) => retractions.tentative);
  return {
    words: sum(streams, ({ errors }) => errors.words),
    recognisedWords: delays.length,
    /** Recognised words that the system never said it was sure of. */
    neverCommitted: delays.filter(({ committedMs }) => committedMs === null).length,
    shownMs: spread(delays.map(({ shownMs }) => shownMs)),
    committedMs: spread(known(delays.map(({ committedMs }) => committedMs))),
    finalMs: spread(known(delays.map(({ finalMs }) => finalMs))),
    firstShownMs: spread(streams.flatMap(({ firstShownMs }) => firstShownMs)),
    lastFinalMs: spread(streams.flatMap(({ lastFinalMs }) => lastFinalMs)),
    retractedPer100Words: heardWords === 0 ? 0 : (tentative / heardWords) * 100,
    retractedCommitted: sum(streams, ({ retractions }) => retractions.committed),
    errorRate: rate(streams.map(({ errors }) => errors)),
    offlineErrorRate: rate(streams.map(({ offlineErrors }) => offlineErrors)),
    differenceFromOffline: rate(streams.map(({ differences }) => differences)),
  };
}

/**
 * How the delay of spoken → committed develops over a stream.
 * @param {import('./measure-stream.mjs').StreamMeasures} stream
 * @returns {number | null} Median of the last third minus median of the first, in milliseconds; null
 *   with too few words to tell.
 */
export function delayGrowth({ delays }) {
  const committed = delays.filter(({ committedMs }) => committedMs !== null);
  const third = Math.floor(committed.length / 3);
  if (third < 5) return null;
  const median = (part) =>
    percentile(
      part.map(({ committedMs }) => committedMs),
      0.5,
    );
  return median(committed.slice(-third)) - median(committed.slice(0, third));
}

/**
 * Whether streams kept up with their speakers.
 * @param {readonly import('./measure-stream.mjs').StreamMeasures[]} streams
 */
export function isLive(streams) {
  const committed = streams.flatMap(({ delays }) =>
    known(delays.map(({ committedMs }) => committedMs)),
  );
  const p95 = percentile(committed, 0.95);
  const grows = streams.some((stream) => (delayGrowth(stream) ?? 0) > growthMs);
  return p95 !== null && p95 < liveDelayMs && !grows;
}

function rate(errors) {
  const counted = errors.filter((one) => one !== null);
  const words = sum(counted, (one) => one.words);
  return words === 0 ? null : sum(counted, ({ edits }) => edits) / words;
}

function sum(items, count) {
  return items.reduce((total, item) => total + count(item), 0);
}

function known(values) {
  return values.filter((value) => value !== null);
}
