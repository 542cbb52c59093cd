import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileStep } from './compile-step.mjs';
import { filesUnder } from './fingerprint.mjs';
import { packageRoot } from './package-root.mjs';

/** The client library, compiled into `clients/js/dist`, with types that need nothing of ours beside it. */
export const clientPackage = compileStep({
  name: 'client',
  doing: 'Compiling the client library',
  failed: 'The client',
  project: 'clients/js/tsconfig.build.json',
  outputDir: 'clients/js/dist',
  compiledDir: 'build/client',

  sources: () => [
    join(packageRoot, 'clients/js/tsconfig.build.json'),
    ...filesUnder(join(packageRoot, 'src/protocol')),
    ...filesUnder(join(packageRoot, 'clients/js/src')),
  ],

  async lay(compiledDir, outputDir) {
    cpSync(join(compiledDir, 'clients/js/src'), outputDir, { recursive: true });
    // Loaded late: it uses a package that may not be installed yet when this file is.
    const { protocolTypes } = await import('./protocol-types.mjs');
    writeFileSync(join(outputDir, 'protocol.d.ts'), protocolTypes());
  },
});
