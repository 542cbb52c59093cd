// npm run bench [-- NAME …]: runs bench/*.bench.mjs and writes their answers to docs/benchmarks.md.
//
// A benchmark answers one question. It exports `question`, a sentence, and `measure()`, which
// resolves with `{ columns: [names], rows: [[cells]] }`, and `machine` where more than the CPU counts,
// or with `{ unavailable: why }` where this machine cannot answer.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from './prepare/package-root.mjs';
import { prepare } from './prepare/prepare.mjs';

const page = join(packageRoot, 'docs/benchmarks.md');
const title =
  '# Benchmarks\n\nEach answer names the machine and the day; `npm run bench` writes them.\n';

await prepare();
// It needs packages that may not have been there before.
const { table } = await import('./docs/tables.mjs');
const wanted = process.argv.slice(2);
const names = readdirSync(join(packageRoot, 'bench'))
  .filter((file) => file.endsWith('.bench.mjs'))
  .map((file) => file.replace('.bench.mjs', ''))
  .filter((name) => wanted.length === 0 || wanted.includes(name));
if (names.length === 0) {
  console.error('There is no such benchmark in bench/.');
  process.exit(1);
}
for (const name of names) {
  const { question, measure } = await import(`../bench/${name}.bench.mjs`);
  console.log(`${name}: ${question}`);
  const { columns, rows, machine: device, unavailable } = await measure();
  if (unavailable) {
    console.log(`  left out: ${unavailable}`);
    continue;
  }
  const answer = table(columns, rows);
  console.log(`\n${answer}\n`);
  record(name, `## ${question}\n\n${answer}\n\n${device ? `${device}. ` : ''}${machine()}`);
}

/** Puts an answer in the place of the last one to the same question. */
function record(name, section) {
  const text = existsSync(page) ? readFileSync(page, 'utf8') : title;
  const begin = `<!-- begin ${name} -->`;
  const end = `<!-- end ${name} -->`;
  const block = `${begin}\n${section}\n${end}`;
  const from = text.indexOf(begin);
  if (from < 0) return writeFileSync(page, `${text}\n${block}\n`);
  writeFileSync(page, text.slice(0, from) + block + text.slice(text.indexOf(end) + end.length));
}

function machine() {
  const [{ model }] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const day = new Date().toISOString().slice(0, 10);
  return `${cpus().length} × ${model}, ${memory} GiB, Node ${process.versions.node}, ${day}.`;
}
