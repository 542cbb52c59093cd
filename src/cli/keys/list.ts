import type { Command } from 'commander';
import type { ApiKey } from '../../access/index.js';
import { alignColumns } from '../terminal/align-columns.js';
import { type Colors, colorsFor } from '../terminal/colors.js';
import { withStore } from './with-store.js';

export function addListCommand(keys: Command): void {
  keys
    .command('list')
    .description('Show all keys, those included that were revoked; never the keys themselves.')
    .option('--json', 'Print a JSON array instead.')
    .action(list);
}

async function list({ json }: { json?: true }): Promise<void> {
  const keys = await withStore((store) => store.keys());
  if (json) {
    const shown = keys.map(({ digest: _, ...key }) => key);
    return void console.log(JSON.stringify(shown, null, 2));
  }
  if (keys.length === 0) return void console.log('There are no keys yet.');
  const colors = colorsFor(process.stdout);
  const head = ['id', 'name', 'scopes', 'made', 'state'].map((cell) => colors.dim(cell));
  console.log(alignColumns([head, ...keys.map((key) => rowOf(key, colors))]).join('\n'));
}

function rowOf(key: ApiKey, colors: Colors): string[] {
  return [key.id, key.name, key.scopes.join(','), dateOf(key.createdAtMs), stateOf(key, colors)];
}

function stateOf(key: ApiKey, colors: Colors): string {
  if (key.revokedAtMs !== null) return colors.red(`revoked ${dateOf(key.revokedAtMs)}`);
  if (key.expiresAtMs === null) return '';
  const ended = key.expiresAtMs <= Date.now();
  return ended ? colors.red('expired') : `until ${dateOf(key.expiresAtMs)}`;
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
