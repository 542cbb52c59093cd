import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { plots } from './plots.mjs';
import { resultTables, spokenTitles } from './tables.mjs';

export { resultTables };

const root = fileURLToPath(new URL('../../../', import.meta.url));
const results = join(root, 'bench/live/results');
const images = join(root, 'docs/images');
const page = join(root, 'docs/benchmarks.md');
const title =
  '# Benchmarks\n\nEach answer names the machine and the day; `npm run bench` writes them.\n';
const begin = '<!-- begin live -->';
const end = '<!-- end live -->';
const alternatives = {
  'live-delay.svg': 'Delay of words after they were spoken',
  'live-lag.svg': 'Delay of committed words over ten minutes',
  'live-capacity.svg': 'Delay of committed words by the number of streams',
};
const question = 'How live are captions of real speech?';

/**
 * Keeps a result, and writes the page and its charts anew from all that are kept.
 * @param {any} result
 * @returns {string[]} The files that were written.
 */
export function recordResult(result) {
  mkdirSync(results, { recursive: true });
  mkdirSync(images, { recursive: true });
  const own = join(results, `${result.system}.json`);
  const before = existsSync(own) ? JSON.parse(readFileSync(own, 'utf8')) : null;
  // A run of some scenarios, or of another number of streams, leaves what is known of the others.
  const scenarios = { ...before?.scenarios, ...named(result) };
  const kept = JSON.stringify({ ...result, scenarios }, withoutTranscripts);
  writeFileSync(own, `${kept}\n`);
  const all = readResults();
  const charts = plots(all);
  for (const [name, chart] of Object.entries(charts)) writeFileSync(join(images, name), chart);
  writePage(section(all, Object.keys(charts)));
  return [own, page, ...Object.keys(charts).map((name) => join(images, name))];
}

/** Scenarios by name, with the number of streams where several speak at once: `en@8`. */
function named({ streams, scenarios }) {
  const nameOf = (name) => (streams > 1 && name in spokenTitles ? `${name}@${streams}` : name);
  return Object.fromEntries(Object.entries(scenarios).map(([name, one]) => [nameOf(name), one]));
}

function withoutTranscripts(key, value) {
  return key === 'transcripts' ? undefined : value;
}

/** Ours first. */
function readResults() {
  return readdirSync(results)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(results, name), 'utf8')))
    .sort((a, b) => Number(b.system === 'ours') - Number(a.system === 'ours'));
}

function section(all, charts) {
  const machines = [...new Set(all.map(({ machine }) => machine))];
  return [
    `## ${question}`,
    'Real speech, streamed over real sockets at the pace of speech by `npm run bench:live`; how it is measured is in [bench/live](../bench/live/README.md).',
    all.map(({ label, model }) => `* ${label}: ${model}`).join('\n'),
    ...charts.map((name) => `![${alternatives[name]}](images/${name})`),
    resultTables(all),
    `${machines.join('; ')}.`,
  ].join('\n\n');
}

/** Puts the section in the place of the last one, and leaves the answers of other benchmarks. */
function writePage(content) {
  const block = `${begin}\n${content}\n${end}`;
  const text = existsSync(page) ? readFileSync(page, 'utf8') : title;
  const from = text.indexOf(begin);
  if (from < 0) return writeFileSync(page, `${text}\n${block}\n`);
  writeFileSync(page, text.slice(0, from) + block + text.slice(text.indexOf(end) + end.length));
}
