import { setTimeout as wait } from 'node:timers/promises';
import { startCrowd } from './client/crowd.mjs';
import { runRound } from './client/run-round.mjs';
import { shownTokens } from './measure/displays.mjs';
import { transcribeOffline } from './measure/offline.mjs';
import { UsageMeter } from './measure/process-tree.mjs';
import { countRetractions } from './measure/retractions.mjs';
import { percentile } from './measure/statistics.mjs';
import { delayGrowth, isLive, summarize } from './measure/summarize.mjs';

/**
 * What a scenario gets.
 * @typedef {object} Bench
 * @property {Awaited<ReturnType<import('./systems/index.mjs').System['start']>>} server
 * @property {import('./audio/streams.mjs').Library} library
 * @property {number} streams How many run at the same time, where the scenario does not say.
 * @property {boolean} quick
 * @property {(line: string) => void} log
 */

const noSpeech = ['silence-20s', 'kitchen-a', 'keyboard-typing', 'hold_music', 'white-noise'];
const capacitySteps = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32];
const idleConnections = 10;
/** Clients beside live streams, and the seconds of speech that each has transcribed. */
const crowd = { clients: 200, seconds: 3 };
/** Voices of the English recordings, and streams of different text that the Chinese ones make. */
const variety = { en: 6, zh: 3 };

/** Each answers one question; `npm run bench:live -- --only NAME,…` runs some of them. */
export const scenarios = {
  /** English: one voice a stream, sentences with pauses. */
  en: (bench) => voices(bench, 'en', bench.quick ? 65 : 90),
  /** The same in Chinese. */
  zh: (bench) => voices(bench, 'zh', bench.quick ? 40 : 70),
  /** English, with finals that may revise what was committed. */
  'en-revised': (bench) => voices(bench, 'en', bench.quick ? 65 : 90, { stableFinals: false }),
  /** English, beside two hundred clients that have recordings transcribed. */
  'en-crowd': besideCrowd,
  /** Words where nobody speaks. */
  nospeech: withoutSpeech,
  /** What a connection costs that sends nothing. */
  idle,
  /** Ten minutes without end. */
  'long-en': async (bench) => spoken(bench, [[await bench.library.long('long-en-dev')]]),
  'long-zh': async (bench) => spoken(bench, [[await bench.library.long('long-zh-dev')]]),
  /** How many streams can be followed at the same time. */
  capacity,
};

/** Those of the quick set; the full one has all. */
export const quickScenarios = ['en', 'zh', 'nospeech', 'idle'];

/** In the full set every voice is heard, `bench.streams` at a time. */
async function voices(bench, language, seconds, options) {
  const { streams, quick, library } = bench;
  const rounds = quick ? 1 : Math.ceil(variety[language] / streams);
  const planned = [];
  for (let round = 0; round < rounds; round += 1) {
    const indices = Array.from({ length: streams }, (_, index) => round * streams + index);
    planned.push(
      await Promise.all(indices.map((index) => library.ofOneVoice(language, index, seconds))),
    );
  }
  return spoken(bench, planned, options);
}

async function besideCrowd(bench) {
  const { server, library } = bench;
  if (!server.url) throw new Error('Only a gateway transcribes recordings beside live streams.');
  const { pcm } = await library.ofOneVoice('en', 1, crowd.seconds);
  const { clients, seconds } = crowd;
  const clip = pcm.subarray(0, seconds * 16_000);
  const asking = { current: null };
  const measured = await voices(bench, 'en', bench.quick ? 65 : 90, {
    onBegin: () => {
      asking.current ??= startCrowd(server.url, { clients, pcm: clip });
    },
  });
  return { ...measured, requests: await asking.current.stop() };
}

async function spoken({ server, library, log }, planned, options = {}) {
  const rounds = [];
  for (const streams of planned) {
    log(`  ${streams.map(({ name }) => name).join(', ')}`);
    const offline = (stream) => transcribeOffline(library, stream);
    rounds.push(await runRound(server, streams, offline, options));
  }
  return describe(rounds);
}

/** Numbers of rounds in the same setting, together with the points that are drawn. */
function describe(rounds) {
  const streams = rounds.flatMap((round) => round.streams);
  const measures = streams.map((one) => one.measures);
  const problems = rounds.flatMap((round) => round.problems);
  const audioSeconds = rounds.reduce((sum, round) => sum + round.audioSeconds, 0);
  const cpuSeconds = rounds.reduce((sum, { usage }) => sum + usage.cpuSeconds, 0);
  return {
    streamsAtOnce: rounds[0].streams.length,
    audioSeconds: Math.round(audioSeconds),
    ...summarize(measures),
    live: problems.length === 0 && isLive(measures),
    delayGrowthMs: measures.map(delayGrowth),
    largestOwnLagMs: percentile(
      streams.flatMap(({ lags }) => lags.map(({ lagMs }) => lagMs)),
      1,
    ),
    cpuPerAudioSecond: cpuSeconds / audioSeconds,
    residentBytes: Math.max(...rounds.map(({ usage }) => usage.residentBytes)),
    sharedBytes: Math.max(...rounds.map(({ usage }) => usage.sharedBytes)),
    latestSendMs: Math.max(...streams.map(({ latestSendMs }) => latestSendMs)),
    problems,
    notes: [...new Set(streams.flatMap(({ notes }) => notes))],
    transcripts: streams.map(({ stream, displays }) => ({
      name: stream.name,
      text:
        displays
          .at(-1)
          ?.spans.map(({ text }) => text)
          .join('')
          .trim() ?? '',
    })),
    points: {
      delays: Object.fromEntries(
        ['shownMs', 'committedMs', 'finalMs'].map((field) => [
          field,
          distribution(measures, field),
        ]),
      ),
      lag: thin(measures.flatMap(({ delays }) => delays)).map(({ spokenMs, committedMs }) => [
        Math.round(spokenMs),
        committedMs === null ? null : Math.round(committedMs),
      ]),
    },
  };
}

/** Every second percentile; null without values. */
function distribution(measures, field) {
  const values = measures
    .flatMap(({ delays }) => delays.map((delay) => delay[field]))
    .filter((value) => value !== null);
  if (values.length === 0) return null;
  return Array.from({ length: 51 }, (_, step) => Math.round(percentile(values, step / 50)));
}

function thin(points) {
  const most = 400;
  const every = Math.ceil(points.length / most);
  return points.filter((_, index) => index % every === 0);
}

async function withoutSpeech({ server, library, quick, log }) {
  const names = quick ? noSpeech.filter((name) => name !== 'hold_music') : noSpeech;
  log(`  ${names.join(', ')}`);
  const streams = await Promise.all(
    names.map((name) => library.withoutSpeech(name, quick ? 20 : 120)),
  );
  const round = await runRound(server, streams, async () => null);
  return {
    recordings: round.streams.map(({ stream, displays }) => {
      const { tentative, committed } = countRetractions(displays);
      const transcript = displays.length === 0 ? [] : shownTokens(displays.at(-1));
      return {
        name: stream.name,
        seconds: Math.round(stream.pcm.length / 16_000),
        wordsShown: tentative + committed + transcript.length,
        wordsInTranscript: transcript.length,
        text: transcript.map(({ token }) => token).join(' '),
      };
    }),
    cpuPerAudioSecond: round.usage.cpuSeconds / round.audioSeconds,
    problems: round.problems,
  };
}

async function idle({ server, quick }) {
  const durationMs = quick ? 5_000 : 15_000;
  const without = await cpuOf(server, durationMs);
  const connections = await Promise.all(
    Array.from({ length: idleConnections }, () => server.open('en')),
  );
  // What opening costs is not what being idle costs.
  await wait(2_000);
  const withThem = await cpuOf(server, durationMs);
  for (const connection of connections) connection.close();
  return {
    connections: idleConnections,
    cpuShareOfServer: without,
    cpuShareOfConnection: Math.max(0, withThem - without) / idleConnections,
  };
}

/** Share of one core. */
async function cpuOf({ pid }, durationMs) {
  const meter = new UsageMeter(pid);
  await wait(durationMs);
  const { cpuSeconds } = meter.read();
  meter.close();
  return cpuSeconds / (durationMs / 1000);
}

/** More and more streams, until they are not live any more. */
async function capacity({ server, library, log }) {
  const steps = [];
  for (const count of capacitySteps) {
    log(`  ${count} at the same time`);
    const streams = await Promise.all(
      Array.from({ length: count }, (_, index) => library.ofOneVoice('en', index, 60)),
    );
    const { points, transcripts, ...step } = describe([
      await runRound(server, streams, (stream) => transcribeOffline(library, stream)),
    ]);
    steps.push(step);
    if (!step.live) break;
  }
  return {
    largestLive: steps.findLast(({ live }) => live)?.streamsAtOnce ?? 0,
    steps,
  };
}
