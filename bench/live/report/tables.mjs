import { table } from '../../../scripts/docs/tables.mjs';

/** What is told of a scenario with speech: name, and how a result says it. */
const spokenRows = [
  ['Spoken → first shown, median / 95 %', (one) => spreadOf(one.shownMs)],
  ['Spoken → committed, median / 95 %', (one) => spreadOf(one.committedMs)],
  ['Spoken → final, median / 95 %', (one) => spreadOf(one.finalMs)],
  ['Speech begins → first word shown', (one) => spreadOf(one.firstShownMs)],
  ['Last word of a sentence → its final', (one) => spreadOf(one.lastFinalMs)],
  ['Retracted words per 100, tentative', (one) => one.retractedPer100Words.toFixed(1)],
  ['Retracted words, committed', (one) => one.retractedCommitted],
  ['Recognised words that were never committed', (one) => one.neverCommitted],
  ['Error rate against the reference', (one) => percent(one.errorRate)],
  ['Error rate of one-pass decoding (ours)', (one) => percent(one.offlineErrorRate)],
  ['Difference from that decoding', (one) => percent(one.differenceFromOffline)],
  ['CPU seconds per second of audio', (one) => one.cpuPerAudioSecond.toFixed(3)],
  [
    'Memory, shared pages once (resident)',
    (one) => `${mib(one.sharedBytes)} (${mib(one.residentBytes)}) MiB`,
  ],
  ['Stayed live', (one) => (one.live ? 'yes' : 'no')],
];

/** Scenarios with speech, and what their tables are called. */
export const spokenTitles = {
  en: (one) => `English, ${streams(one)}`,
  zh: (one) => `Chinese (by the character), ${streams(one)}`,
  'en-revised': (one) => `English, finals may revise what was committed, ${streams(one)}`,
  'en-crowd': (one) => `English beside ${crowd(one)}, ${streams(one)}`,
  'long-en': () => 'Ten minutes of English without end',
  'long-zh': () => 'Four minutes of Chinese without end',
};

/**
 * Results of several systems side by side, as Markdown.
 * @param {readonly any[]} results As `run.mjs` writes them.
 * @returns {string}
 */
export function resultTables(results) {
  const parts = [];
  for (const name of spokenNames(results)) {
    const title = spokenTitles[baseOf(name)];
    const having = results.filter(({ scenarios }) => scenarios[name]);
    const rows = spokenRows.map(([label, cell]) => [
      label,
      ...having.map(({ scenarios }) => cell(scenarios[name])),
    ]);
    parts.push(`### ${title(having[0].scenarios[name])}`, compare(having, rows));
  }
  parts.push(...noSpeechPart(results), ...idlePart(results), ...capacityPart(results));
  return parts.join('\n\n');
}

/** `en@8` is the scenario `en` with eight streams. */
function baseOf(name) {
  return name.split('@')[0];
}

function spokenNames(results) {
  const all = new Set(results.flatMap(({ scenarios }) => Object.keys(scenarios)));
  const streamsOf = (name) => Number(name.split('@')[1] ?? 1);
  return Object.keys(spokenTitles).flatMap((base) =>
    [...all].filter((name) => baseOf(name) === base).sort((a, b) => streamsOf(a) - streamsOf(b)),
  );
}

function noSpeechPart(results) {
  const having = results.filter(({ scenarios }) => scenarios.nospeech);
  if (having.length === 0) return [];
  const rows = having[0].scenarios.nospeech.recordings.map(({ name, seconds }, index) => [
    `${name} (${seconds} s)`,
    ...having.map(({ scenarios }) => {
      const { wordsShown, wordsInTranscript } = scenarios.nospeech.recordings[index];
      return `${wordsShown} (${wordsInTranscript})`;
    }),
  ]);
  return ['### Words where nobody speaks: ever shown (in the transcript)', compare(having, rows)];
}

function idlePart(results) {
  const having = results.filter(({ scenarios }) => scenarios.idle);
  if (having.length === 0) return [];
  const rows = [
    ['The server alone', 'cpuShareOfServer'],
    ['An idle connection', 'cpuShareOfConnection'],
  ].map(([label, field]) => [
    label,
    ...having.map(({ scenarios }) => `${(scenarios.idle[field] * 100).toFixed(2)} %`),
  ]);
  return ['### CPU while nothing is said, of one core', compare(having, rows)];
}

function capacityPart(results) {
  const having = results.filter(({ scenarios }) => scenarios.capacity);
  return having.flatMap(({ label, scenarios: { capacity } }) => [
    `### ${label}: streams at the same time (live: ${capacity.largestLive})`,
    table(
      ['Streams', 'Shown', 'Committed', 'Final', 'Error rate', 'CPU s per s', 'Memory', 'Live'],
      capacity.steps.map((step) => [
        step.streamsAtOnce,
        spreadOf(step.shownMs),
        spreadOf(step.committedMs),
        spreadOf(step.finalMs),
        percent(step.errorRate),
        step.cpuPerAudioSecond.toFixed(3),
        `${mib(step.sharedBytes)} MiB`,
        step.live ? 'yes' : 'no',
      ]),
    ),
  ]);
}

function compare(results, rows) {
  return table(['', ...results.map(({ label }) => label)], rows);
}

function streams({ streamsAtOnce, audioSeconds }) {
  const count = streamsAtOnce === 1 ? 'one stream at a time' : `${streamsAtOnce} streams at once`;
  return `${count}, ${audioSeconds} s of audio`;
}

function crowd({ requests: { clients, answered, refused, failed } }) {
  const became = `${answered} recordings answered, ${refused} told when to come back, ${failed} failed`;
  return `${clients} clients that never stop asking (${became})`;
}

function spreadOf({ count, p50, p95 }) {
  if (count === 0) return '–';
  return `${(p50 / 1000).toFixed(2)} / ${(p95 / 1000).toFixed(2)} s`;
}

function percent(share) {
  return share === null ? '–' : `${(share * 100).toFixed(1)} %`;
}

function mib(bytes) {
  return Math.round(bytes / 2 ** 20);
}
