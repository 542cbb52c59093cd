import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesUnder, fingerprintOf, readText } from './fingerprint.mjs';
import { packageRoot } from './package-root.mjs';
import { PrepareError } from './prepare-error.mjs';
import { runTool } from './run-tool.mjs';

const outputDir = join(packageRoot, 'build/web');
const stampFile = join(outputDir, '.sources');

/** The web app of `clients/web`, bundled into `build/web`, from where the gateway serves it. */
export const webApp = {
  name: 'web-app',
  doing: 'Building the web app',

  /** Whether it was made from exactly these sources, with these tools. */
  isReady() {
    return readText(stampFile) === fingerprint();
  },

  async make() {
    const made = fingerprint();
    const vite = join(packageRoot, 'node_modules/vite/bin/vite.js');
    const args = [vite, 'build', 'clients/web', '--logLevel', 'warn'];
    // Empties the folder first, the stamp included.
    const { code } = await runTool(process.execPath, args, { output: 'progress' });
    if (code !== 0) throw new PrepareError('The web app did not build; the reason is above.');
    writeFileSync(stampFile, made);
  },
};

function fingerprint() {
  const packages = ['vite', 'preact', '@preact/signals'];
  return fingerprintOf([
    ...packages.map((name) => join(packageRoot, 'node_modules', name, 'package.json')),
    ...filesUnder(join(packageRoot, 'clients/web')),
    ...filesUnder(join(packageRoot, 'clients/js/src')),
  ]);
}
