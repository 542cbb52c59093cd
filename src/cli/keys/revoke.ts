import type { Command } from 'commander';
import { actor, withStore } from './with-store.js';

export function addRevokeCommand(keys: Command): void {
  keys
    .command('revoke <id>')
    .description('Revoke a key for good. What was begun with it ends within a second.')
    .action(async (id: string) => {
      const { name } = await withStore((store) => store.revokeKey(id, actor));
      console.log(`The key ${id} (${name}) opens nothing any more.`);
    });
}
