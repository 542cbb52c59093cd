import { chmodSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { compileStep } from './compile-step.mjs';
import { filesUnder } from './fingerprint.mjs';
import { packageRoot } from './package-root.mjs';

/** The meeting bot, compiled into `clients/meeting-bot/dist` together with the client library that it uses. */
export const meetingBot = compileStep({
  name: 'meeting-bot',
  doing: 'Compiling the meeting bot',
  failed: 'The meeting bot',
  project: 'clients/meeting-bot/tsconfig.build.json',
  outputDir: 'clients/meeting-bot/dist',
  compiledDir: 'build/meeting-bot',

  sources: () => [
    ...['tsconfig.json', 'meeting-bot/tsconfig.json', 'meeting-bot/tsconfig.build.json'].map(
      (name) => join(packageRoot, 'clients', name),
    ),
    ...filesUnder(join(packageRoot, 'clients/meeting-bot/src')),
    ...filesUnder(join(packageRoot, 'clients/js/src')),
  ],

  lay(compiledDir, outputDir) {
    for (const part of ['js', 'meeting-bot']) {
      cpSync(join(compiledDir, 'clients', part), join(outputDir, part), { recursive: true });
    }
    chmodSync(join(outputDir, 'meeting-bot/src/main.js'), 0o755);
  },
});
