import type { Command } from 'commander';
import type { DayUsage } from '../../access/index.js';
import { alignColumns } from '../terminal/align-columns.js';
import { colorsFor } from '../terminal/colors.js';
import { withStore } from './with-store.js';

interface UsageOptions {
  readonly from?: string;
  readonly to?: string;
  readonly json?: true;
}

export function addUsageCommand(keys: Command): void {
  keys
    .command('usage [id]')
    .description(
      'Show what keys have taken, day by day (UTC). A gateway writes it every 5 seconds.',
    )
    .option('--from <day>', 'First day, such as 2026-11-01. Without it: today.')
    .option('--to <day>', 'Last day. Without it: today.')
    .option('--json', 'Print a JSON array instead.')
    .action(usage);
}

async function usage(id: string | undefined, { from, to, json }: UsageOptions): Promise<void> {
  const today = new Date().toISOString().slice(0, 10);
  const [first, last] = [from ?? to ?? today, to ?? today];
  const used = await withStore((store) => store.usage(first, last, id));
  if (json) return void console.log(JSON.stringify(used, null, 2));
  if (used.length === 0) return void console.log('Nothing was taken in this time.');
  const colors = colorsFor(process.stdout);
  const head = ['day', 'key', 'requests', 'connections', 'audio s', 'characters', 'refused'];
  const rows = used.map(rowOf);
  console.log(alignColumns([head.map((cell) => colors.dim(cell)), ...rows]).join('\n'));
}

function rowOf(used: DayUsage): string[] {
  const { day, key, requests, connections, audioMs, speechCharacters, refused } = used;
  const seconds = (audioMs / 1_000).toFixed(1);
  return [day, key, ...[requests, connections, seconds, speechCharacters, refused].map(String)];
}
