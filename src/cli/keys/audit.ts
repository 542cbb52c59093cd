import { type Command, InvalidArgumentError } from 'commander';
import { alignColumns } from '../terminal/align-columns.js';
import { withStore } from './with-store.js';

export function addAuditCommand(keys: Command): void {
  keys
    .command('audit')
    .description('Show what was done to the gateway, and by whom, the newest first.')
    .option('-n, --lines <n>', 'How many entries.', parseCount, 50)
    .option('--json', 'Print a JSON array instead.')
    .action(audit);
}

async function audit({ lines, json }: { lines: number; json?: true }): Promise<void> {
  const entries = await withStore((store) => store.auditEntries(lines));
  if (json) return void console.log(JSON.stringify(entries, null, 2));
  const rows = entries.map(({ atMs, actor, action, subject, detail }) => [
    new Date(atMs).toISOString(),
    actor,
    action,
    subject ?? '',
    JSON.stringify(detail),
  ]);
  if (rows.length > 0) console.log(alignColumns(rows).join('\n'));
}

function parseCount(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('It has to be a whole number, 1 or more.');
}
