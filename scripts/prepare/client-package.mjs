import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesUnder, fingerprintOf, readText } from './fingerprint.mjs';
import { packageRoot } from './package-root.mjs';
import { PrepareError } from './prepare-error.mjs';
import { runTool } from './run-tool.mjs';

const sourceDir = join(packageRoot, 'clients/js/src');
const outputDir = join(packageRoot, 'clients/js/dist');
const compiledDir = join(packageRoot, 'build/client');
const stampFile = join(outputDir, '.sources');

/** The client library, compiled into `clients/js/dist`, with types that need nothing of ours beside it. */
export const clientPackage = {
  name: 'client',
  doing: 'Compiling the client library',

  isReady() {
    return readText(stampFile) === fingerprint();
  },

  async make() {
    const made = fingerprint();
    for (const folder of [outputDir, compiledDir]) rmSync(folder, { recursive: true, force: true });
    const tsc = join(packageRoot, 'node_modules/typescript/bin/tsc');
    const args = [tsc, '-p', 'clients/js/tsconfig.build.json'];
    const { code } = await runTool(process.execPath, args, { output: 'progress' });
    if (code !== 0) throw new PrepareError('The client did not compile; the reason is above.');
    mkdirSync(outputDir, { recursive: true });
    cpSync(join(compiledDir, 'clients/js/src'), outputDir, { recursive: true });
    // Loaded late: it uses a package that may not be installed yet when this file is.
    const { protocolTypes } = await import('./protocol-types.mjs');
    writeFileSync(join(outputDir, 'protocol.d.ts'), protocolTypes());
    writeFileSync(stampFile, made);
  },
};

function fingerprint() {
  return fingerprintOf([
    join(packageRoot, 'node_modules/typescript/package.json'),
    join(packageRoot, 'clients/js/tsconfig.build.json'),
    ...filesUnder(join(packageRoot, 'src/protocol')),
    ...filesUnder(sourceDir),
  ]);
}
