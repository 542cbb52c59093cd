// npm run docs: writes the tables of docs/*.md, and docs/openapi.json, from the code they describe; the
// prose around them is written by hand. With --check nothing is written, and pages that are behind fail.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runnerImport } from 'vite';
import { compiledSources } from './prepare/compiled-sources.mjs';
import { dependencies } from './prepare/dependencies.mjs';
import { packageRoot } from './prepare/package-root.mjs';
import { prepare } from './prepare/prepare.mjs';

const checkOnly = process.argv.includes('--check');
// In a check whoever calls us has compiled already.
if (!checkOnly) await prepare([dependencies, compiledSources]);

const tables = await import('./docs/tables.mjs');
const { catalog } = await import('../dist/errors/index.js');
const { configSchema, loadConfig } = await import('../dist/config/index.js');
const { metricTable } = await import('../dist/telemetry/index.js');
const { embeddedModel, modelCatalog } = await import('../dist/models/index.js');
const { createProgram } = await import('../dist/cli/index.js');
const { createHttpApp } = await import('../dist/http/index.js');
const { clientMessageSchema, closeCodes, serverEventSchema } = await import(
  '../dist/protocol/index.js'
);
// What runs in browsers only is not in dist/.
const { overlayParameters } = (
  await runnerImport(join(packageRoot, 'clients/overlay/src/overlay-parameters.ts'))
).module;

/** For each page, its generated parts by the name that stands in the page's markers. */
const pages = {
  'docs/errors.md': { errors: tables.errorTable(catalog) },
  'docs/configuration.md': { options: tables.optionTable(configSchema) },
  'docs/metrics.md': { metrics: tables.metricTable(metricTable) },
  'docs/models.md': {
    catalogue: tables.modelTable(modelCatalog, embeddedModel),
    voices: tables.voiceTable(modelCatalog),
  },
  'docs/cli.md': { commands: tables.commandReference(createProgram()) },
  'docs/overlay.md': { parameters: tables.overlayTable(overlayParameters) },
  'docs/protocol.md': {
    'client messages': tables.messageReference(clientMessageSchema, true),
    'server events': tables.messageReference(serverEventSchema, false),
    'close codes': tables.closeCodeTable(closeCodes, catalog),
  },
};

/** Lets everybody in. */
const openGate = {
  locked: false,
  judgeOrigin: () => 'same_origin',
  admit: () => ({}),
  attend: () => () => {},
};

let behind = 0;
for (const [page, parts] of Object.entries(pages)) {
  write(page, (before) => Object.entries(parts).reduce(withPart, before));
}
const openApi = await openApiDocument();
write('docs/openapi.json', () => openApi);
if (checkOnly && behind > 0) process.exitCode = 1;

function write(page, toText) {
  const file = join(packageRoot, page);
  const before = readFileSync(file, 'utf8');
  const after = toText(before);
  if (after === before) return;
  behind++;
  if (checkOnly) console.error(`${page} is behind the code: run "npm run docs".`);
  else writeFileSync(file, after);
}

/** What a gateway with the default configuration serves; nothing behind its routes is asked. */
async function openApiDocument() {
  const app = createHttpApp(
    {
      webApp: new Map(),
      access: openGate,
      streamAddress: () => ({ port: null, secure: false }),
      onAnswered() {},
    },
    loadConfig({}, {}),
  );
  const { body } = await app.inject('/openapi.json');
  await app.close();
  return `${JSON.stringify(JSON.parse(body), null, 2)}\n`;
}

/** Replaces what stands between `<!-- begin NAME -->` and `<!-- end NAME -->`. */
function withPart(text, [name, content]) {
  const begin = `<!-- begin ${name} -->\n`;
  const end = `\n<!-- end ${name} -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`The markers of "${name}" are missing in a page.`);
  return text.slice(0, from + begin.length) + content + text.slice(to);
}
