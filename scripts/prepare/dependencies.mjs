import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './package-root.mjs';
import { PrepareError } from './prepare-error.mjs';
import { runTool } from './run-tool.mjs';

/** The packages of `package-lock.json`, in `node_modules`. */
export const dependencies = {
  name: 'packages',
  doing: 'Installing packages (once, and after each change of package-lock.json)',

  /** Whether what npm says it installed is what the lock file asks for. */
  isReady() {
    const wanted = packagesOf('package-lock.json');
    const installed = packagesOf('node_modules/.package-lock.json');
    if (!wanted)
      throw new PrepareError('package-lock.json is missing or damaged: get it from git.');
    if (!installed) return false;
    return Object.entries(wanted).every(
      ([path, { version, optional }]) =>
        // Optional packages are those of other systems, too: npm leaves those out.
        path === '' || optional || installed[path]?.version === version,
    );
  },

  async make() {
    // The compiler is a development dependency, and NODE_ENV=production would leave it out.
    // No package of ours needs its install script, and newer npm does not run them either.
    const args = ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
    const { code } = await runTool(...npm(args), { output: 'progress' });
    if (code === 127)
      throw new PrepareError('npm is missing. It comes with Node: install that again.');
    if (code !== 0) {
      throw new PrepareError(
        `Installing packages failed: "npm ci" ended with ${code}, and its own words are above. ` +
          'The first start needs access to a package registry; later ones do not.',
      );
    }
  },
};

/** The npm that runs us, where one does: it need not be the first in PATH. */
function npm(args) {
  const running = process.env.npm_execpath;
  if (running?.endsWith('npm-cli.js')) return [process.execPath, [running, ...args]];
  return ['npm', args];
}

function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(join(packageRoot, lockFile), 'utf8')).packages;
  } catch {
    return undefined;
  }
}
