import { type Command, InvalidArgumentError } from 'commander';
import { loadConfig } from '../../config/index.js';
import { GatewayError } from '../../errors/index.js';
import {
  describeBytes,
  embeddedPath,
  embeddedProblem,
  findInCatalog,
  type KnownModel,
  knownModels,
  pullModel,
  restoreEmbedded,
} from '../../models/index.js';
import { modelsDirOf } from './models-dir.js';
import { createPullProgress } from './pull-progress.js';

export function addPullCommand(models: Command): void {
  models
    .command('pull')
    .description('Download models and voices by name; a download that was cut off is continued.')
    .argument('<name...>', 'Names that "models list" shows, such as small or en_US-joe-medium.')
    .option('--mirror <url>', 'Download from here instead of HF_ENDPOINT.', httpUrl)
    .addHelpText(
      'after',
      '\nEvery file is compared with the checksum that its publisher states.' +
        '\nA proxy is taken from HTTPS_PROXY and NO_PROXY.',
    )
    .action(pull);
}

async function pull(names: string[], { mirror }: { mirror?: string }): Promise<void> {
  const config = loadConfig();
  const dir = modelsDirOf(config);
  for (const name of names) {
    const embedded = knownModels.find((model) => model.name === name);
    if (embedded) await restore(embedded, dir);
    else await pullOne(name, dir, mirror ?? config.hubUrl);
  }
}

async function pullOne(name: string, dir: string, hubUrl: string): Promise<void> {
  const model = findInCatalog(name);
  if (!model) {
    throw new GatewayError('model_not_found', {
      message: `There is no model "${name}" to be had. "whisper-gateway models list" shows the names.`,
    });
  }
  const progress = createPullProgress(model, process.stderr);
  const { path, downloaded } = await pullModel(model, {
    dir,
    hubUrl,
    onEvent: progress.event,
  }).finally(progress.end);
  console.log(
    downloaded
      ? `${name} is here and checked: ${path} (${describeBytes(model.bytes)}; licence: ${model.licence})`
      : `${name} was here already: ${path}`,
  );
}

/** The embedded models come from no hub; what is missing or damaged of them comes from git. */
async function restore(model: KnownModel, dir: string): Promise<void> {
  const path = await embeddedPath(model, dir);
  const isDamaged = (await embeddedProblem(model, path)) !== null;
  if (isDamaged) await restoreEmbedded(model, path);
  console.log(`${model.name} ${isDamaged ? 'was restored' : 'comes with the gateway'}: ${path}`);
}

function httpUrl(value: string): string {
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
    throw new InvalidArgumentError('It has to be an address that begins with https:// or http://.');
  }
  return value;
}
