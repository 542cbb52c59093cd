import { type Command, InvalidArgumentError } from 'commander';
import { scopes as allScopes, type Scope } from '../../protocol/index.js';
import { actor, withStore } from './with-store.js';

interface CreateOptions {
  readonly scope: readonly Scope[];
  readonly expires?: number;
  readonly maxConnections?: number;
  readonly requestsAMinute?: number;
  readonly audioSecondsADay?: number;
  readonly maxUploadBytes?: number;
  readonly json?: true;
}

export function addCreateCommand(keys: Command): void {
  keys
    .command('create <name>')
    .description('Make a key and print it: it is shown this once, and kept nowhere.')
    .requiredOption(
      '-s, --scope <scopes>',
      `What it is good for, separated by commas: ${allScopes.join(', ')}.`,
      parseScopes,
    )
    .option('--expires <when>', 'When it ends: a span such as 12h or 90d, or a date.', parseExpiry)
    .option('--max-connections <n>', 'Connections at the same time; 0 for any number.', parseLimit)
    .option('--requests-a-minute <n>', 'Requests a minute; 0 for any number.', parseLimit)
    .option('--audio-seconds-a-day <n>', 'Seconds of audio a day; 0 for any number.', parseLimit)
    .option('--max-upload-bytes <n>', 'Largest file; 0 for what the gateway takes.', parseLimit)
    .option('--json', 'Print JSON instead.')
    .addHelpText('after', '\nLimits that are left out are those of the settings (KEY_…).')
    .action(create);
}

async function create(name: string, options: CreateOptions): Promise<void> {
  const limits = {
    maxConnections: options.maxConnections ?? null,
    requestsAMinute: options.requestsAMinute ?? null,
    audioSecondsADay: options.audioSecondsADay ?? null,
    maxUploadBytes: options.maxUploadBytes ?? null,
  };
  const request = { name, scopes: options.scope, limits, expiresAtMs: options.expires ?? null };
  const { key, apiKey } = await withStore((store) => store.createKey(request, actor));
  if (options.json) {
    console.log(JSON.stringify({ id: apiKey.id, key, name, scopes: apiKey.scopes }, null, 2));
    return;
  }
  // The key alone on stdout, so that a script can catch it.
  console.log(key);
  console.error(`\nThis is the key ${apiKey.id}. It cannot be shown again.`);
}

function parseScopes(text: string): Scope[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !allScopes.some((scope) => scope === name));
  if (unknown !== undefined) throw new InvalidArgumentError(`There is no scope "${unknown}".`);
  return allScopes.filter((scope) => names.includes(scope));
}

function parseExpiry(text: string): number {
  const [, number, unit] = /^(\d+)([hd])$/.exec(text) ?? [];
  const hourMs = 3_600_000;
  const at = number
    ? Date.now() + Number(number) * (unit === 'd' ? 24 * hourMs : hourMs)
    : Date.parse(text);
  if (Number.isNaN(at)) throw new InvalidArgumentError('It has to be like 12h, 90d or 2027-01-31.');
  if (at <= Date.now()) throw new InvalidArgumentError('It has passed already.');
  return at;
}

function parseLimit(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new InvalidArgumentError('It has to be a whole number, 0 or more.');
}
