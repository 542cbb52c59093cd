import { setTimeout as wait } from 'node:timers/promises';
import { measureStream } from '../measure/measure-stream.mjs';
import { UsageMeter } from '../measure/process-tree.mjs';
import { playStream } from './play-stream.mjs';

/** Between the starts of two streams, so that they do not ask for everything at the same moments. */
const staggerMs = 1_700;

/**
 * What came of streams that ran at the same time.
 * @typedef {object} Round
 * @property {(import('./play-stream.mjs').Played & { stream: import('../audio/streams.mjs').Stream,
 *   measures: import('../measure/measure-stream.mjs').StreamMeasures })[]} streams
 * @property {string[]} problems
 * @property {number} audioSeconds Sum over all streams.
 * @property {{ cpuSeconds: number, residentBytes: number, sharedBytes: number }} usage
 */

/**
 * Plays streams at the same time, and measures them and the server.
 * @param {Awaited<ReturnType<import('../systems/index.mjs').System['start']>>} server
 * @param {readonly import('../audio/streams.mjs').Stream[]} streams
 * @param {(stream: import('../audio/streams.mjs').Stream) => Promise<string | null>} offlineText
 * @param {object} [options]
 * @param {boolean} [options.stableFinals] Whether finals begin with what was committed; systems that know
 *   no such thing do what they do.
 * @param {() => void} [options.onBegin] Called when the streams are about to begin.
 * @returns {Promise<Round>}
 */
export async function runRound(server, streams, offlineText, { stableFinals, onBegin } = {}) {
  // First, because it would take the cores from the server.
  const offline = [];
  for (const stream of streams) offline.push(await offlineText(stream));
  onBegin?.();
  const meter = new UsageMeter(server.pid);
  const problems = [];
  const played = await Promise.all(
    streams.map(async (stream, index) => {
      await wait(index * staggerMs);
      try {
        return await playStream(await server.open(stream.language, { stableFinals }), stream.pcm);
      } catch (error) {
        problems.push(`${stream.name}: ${error.message}`);
        return { displays: [], lags: [], problems: [], notes: [], latestSendMs: 0, endedMs: 0 };
      }
    }),
  );
  const usage = meter.read();
  meter.close();
  if (!server.alive()) problems.push(`the server ended:\n${server.lastWords()}`);
  return {
    streams: streams.map((stream, index) => ({
      ...played[index],
      stream,
      measures: measureStream(stream, played[index].displays, offline[index]),
    })),
    problems: [...problems, ...played.flatMap((one) => one.problems)],
    audioSeconds: streams.reduce((sum, { pcm }) => sum + pcm.length / 16_000, 0),
    usage,
  };
}
