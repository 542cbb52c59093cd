// npm run bench:live: how live captions of real speech are, over real sockets at the pace of speech.
// npm run bench:live -- [--streams N] [--set quick|full] [--system NAME] [--only SCENARIO,…] [--record]
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../../scripts/prepare/package-root.mjs';
import { prepare } from '../../scripts/prepare/prepare.mjs';
import { missingAudio } from './audio/shared-audio.mjs';

const missing = missingAudio();
if (missing) leave(missing);
await prepare();
// These need the compiled sources, and packages that may not have been there before.
const { Library } = await import('./audio/streams.mjs');
const { playStream } = await import('./client/play-stream.mjs');
const { recordResult, resultTables } = await import('./report/record.mjs');
const { quickScenarios, scenarios } = await import('./scenarios.mjs');
const { systems } = await import('./systems/index.mjs');

const { system, quick, names, streams, record } = readArguments();
const library = new Library();
const log = (line) => console.error(line);
log(`${system.label}: starting`);
const server = await system.start();
const result = {
  system: system.name,
  label: system.label,
  model: system.model,
  set: quick ? 'quick' : 'full',
  streams,
  machine: machine(),
  scenarios: {},
};
try {
  if (system.warmUp) await warmUp();
  for (const name of names) {
    log(name);
    result.scenarios[name] = await scenarios[name]({ server, library, streams, quick, log });
  }
} finally {
  await server.close();
}
const folder = join(packageRoot, 'build/bench-live');
mkdirSync(folder, { recursive: true });
const file = join(folder, `${system.name}-${result.set}-${streams}.json`);
writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
console.log(`\n${resultTables([result])}\n\nAll numbers: ${file}`);
if (record) console.log(`Recorded in ${recordResult(result).join(', ')}`);
const problems = Object.values(result.scenarios).flatMap((scenario) => scenario.problems ?? []);
for (const problem of new Set(problems)) console.log(`Problem: ${problem}`);

function readArguments() {
  const { values } = parseArgs({
    options: {
      system: { type: 'string', default: 'ours' },
      set: { type: 'string', default: 'quick' },
      streams: { type: 'string', default: '1' },
      only: { type: 'string' },
      record: { type: 'boolean', default: false },
    },
  });
  const system = systems.find(({ name }) => name === values.system);
  if (!system) leave(`--system is one of ${systems.map(({ name }) => name).join(', ')}.`);
  if (!['quick', 'full'].includes(values.set)) leave('--set is quick or full.');
  const streams = Number(values.streams);
  if (!Number.isInteger(streams) || streams < 1) leave('--streams is a number from 1 on.');
  const quick = values.set === 'quick';
  const names = values.only?.split(',') ?? (quick ? quickScenarios : Object.keys(scenarios));
  const unknown = names.find((name) => !Object.hasOwn(scenarios, name));
  if (unknown)
    leave(`There is no scenario ${unknown}; there are ${Object.keys(scenarios).join(', ')}.`);
  return { system, quick, names, streams, record: values.record };
}

/** A few seconds of speech, so that models are loaded before anything is measured. */
async function warmUp() {
  const { pcm } = await library.ofOneVoice('en', 0, 6);
  await playStream(await server.open('en'), pcm);
}

function machine() {
  const [{ model }] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const day = new Date().toISOString().slice(0, 10);
  return `${cpus().length} × ${model}, ${memory} GiB, Node ${process.versions.node}, ${day}`;
}

function leave(message) {
  console.error(message);
  process.exit(1);
}
