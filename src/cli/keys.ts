import type { Command } from 'commander';
import { addAuditCommand } from './keys/audit.js';
import { addCreateCommand } from './keys/create.js';
import { addListCommand } from './keys/list.js';
import { addRevokeCommand } from './keys/revoke.js';
import { addUsageCommand } from './keys/usage.js';

export function addKeysCommand(program: Command): void {
  const keys = program
    .command('keys')
    .description(
      'Make, show and revoke the keys that open the gateway. One that runs notices within a second.',
    );
  addCreateCommand(keys);
  addListCommand(keys);
  addRevokeCommand(keys);
  addUsageCommand(keys);
  addAuditCommand(keys);
}
