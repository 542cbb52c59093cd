import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesUnder, fingerprintOf, readText } from './fingerprint.mjs';
import { packageRoot } from './package-root.mjs';
import { PrepareError } from './prepare-error.mjs';
import { runTool } from './run-tool.mjs';

const outputDir = join(packageRoot, 'build/web');
const stampFile = join(outputDir, '.sources');

/** Each empties its own folder, in which those of the next ones lie; the stamp goes with the first. */
const pages = ['clients/web', 'clients/overlay'];

/** The pages of `clients`, bundled into `build/web`, from where the gateway serves them. */
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
    for (const page of pages) {
      const args = [vite, 'build', page, '--logLevel', 'warn'];
      const { code } = await runTool(process.execPath, args, { output: 'progress' });
      if (code !== 0) throw new PrepareError('The web app did not build; the reason is above.');
    }
    writeFileSync(stampFile, made);
  },
};

function fingerprint() {
  const packages = ['vite', 'preact', '@preact/signals'];
  return fingerprintOf([
    ...packages.map((name) => join(packageRoot, 'node_modules', name, 'package.json')),
    ...pages.flatMap((page) => filesUnder(join(packageRoot, page))),
    ...filesUnder(join(packageRoot, 'clients/js/src')),
  ]);
}
