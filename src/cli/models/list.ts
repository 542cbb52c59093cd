import type { Command } from 'commander';
import { type Config, loadConfig } from '../../config/index.js';
import { describeBytes, type ListedModel, listModels } from '../../models/index.js';
import { alignColumns } from '../terminal/align-columns.js';
import { type Colors, colorsFor } from '../terminal/colors.js';
import { modelsDirOf } from './models-dir.js';

export function addListCommand(models: Command): void {
  models
    .command('list')
    .description('Show the models and voices that are here and those that can be pulled.')
    .option('--json', 'Print a JSON array instead.')
    .action(list);
}

async function list({ json }: { json?: true }): Promise<void> {
  const config = loadConfig();
  const models = await listModels(modelsDirOf(config));
  if (json) return void console.log(JSON.stringify(models.map(asJson), null, 2));
  const colors = colorsFor(process.stdout);
  const here = models.filter((model) => model.path !== null);
  const others = models.filter((model) => model.path === null);
  const head = ['name', 'size', 'memory', 'languages', 'licence'].map((cell) => colors.dim(cell));
  const rows = [...here, ...others].map((model) => rowOf(model, config, colors));
  const [header, ...lines] = alignColumns([head, ...rows]).map((line) => `  ${line}`);
  console.log(`Models in ${modelsDirOf(config)}\n`);
  console.log([header, ...lines.slice(0, here.length)].join('\n'));
  console.log(`\nTo be had with "whisper-gateway models pull NAME"\n`);
  console.log([header, ...lines.slice(here.length)].join('\n'));
}

function rowOf(model: ListedModel, config: Config, colors: Colors): string[] {
  const [option, current] =
    model.kind === 'voice' ? ['SPEECH_MODEL', config.speechModel] : ['MODEL', config.model];
  const isSet = model.name === current;
  return [
    isSet ? colors.bold(model.name) : model.name,
    describeBytes(model.bytes),
    `~${describeBytes(model.memoryBytes)}`,
    languagesOf(model),
    model.licence ?? '',
    [
      ...(model.kind === 'voice' ? ['voice'] : []),
      ...stateOf(model, colors),
      ...(isSet ? [`set as ${option}`] : []),
    ].join(', '),
  ];
}

const languageNames = new Intl.DisplayNames('en', { type: 'language' });

function languagesOf({ languages, language }: ListedModel): string {
  if (language === null) return languages?.toString() ?? '';
  try {
    return languageNames.of(language) ?? language;
  } catch {
    // Somebody's own voice may say anything.
    return language;
  }
}

function stateOf(model: ListedModel, colors: Colors): string[] {
  const origin = { embedded: ['comes with the gateway'], catalogue: [], own: ['your own'] };
  switch (model.check?.state) {
    case 'ok':
      return [colors.green('checked'), ...origin[model.origin]];
    case 'unknown':
      return ['no checksum known', ...origin[model.origin]];
    case 'unread':
      return [colors.yellow('not checked: see "models verify"'), ...origin[model.origin]];
    case 'damaged':
      return [colors.red(`damaged: it ${model.check.problem}`), ...origin[model.origin]];
    case undefined:
      return model.partBytes > 0 ? [`${describeBytes(model.partBytes)} of it are here`] : [];
  }
}

function asJson(model: ListedModel) {
  return {
    name: model.name,
    kind: model.kind,
    path: model.path,
    bytes: model.bytes,
    memory_bytes: model.memoryBytes,
    languages: model.languages,
    language: model.language,
    licence: model.licence,
    origin: model.origin,
    here: model.path !== null,
    check: model.check?.state ?? null,
    part_bytes: model.partBytes,
  };
}
