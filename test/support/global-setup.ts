import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** tsc's exit code where it wrote its output, although some types are wrong. */
const typesAreWrong = 2;

/**
 * Compiles `src/` into `dist/`, from where processes are forked, also by code that runs as
 * TypeScript here. Wrong types in one file must not keep the tests of another from running:
 * `npm run check` finds those.
 */
export function setup(): void {
  const build = fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [build], { encoding: 'utf8' });
  if (status === 0) return;
  if (status !== typesAreWrong) throw new Error(`src/ could not be compiled.\n${stderr}`);
  process.stderr.write('Some types in src/ are wrong; "npm run typecheck" lists them.\n');
}
