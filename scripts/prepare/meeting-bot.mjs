import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesUnder, fingerprintOf, readText } from './fingerprint.mjs';
import { packageRoot } from './package-root.mjs';
import { PrepareError } from './prepare-error.mjs';
import { runTool } from './run-tool.mjs';

const outputDir = join(packageRoot, 'clients/meeting-bot/dist');
const compiledDir = join(packageRoot, 'build/meeting-bot');
const stampFile = join(outputDir, '.sources');

/** The meeting bot, compiled into `clients/meeting-bot/dist` together with the client library that it uses. */
export const meetingBot = {
  name: 'meeting-bot',
  doing: 'Compiling the meeting bot',

  isReady() {
    return readText(stampFile) === fingerprint();
  },

  async make() {
    const made = fingerprint();
    for (const folder of [outputDir, compiledDir]) rmSync(folder, { recursive: true, force: true });
    const tsc = join(packageRoot, 'node_modules/typescript/bin/tsc');
    const args = [tsc, '-p', 'clients/meeting-bot/tsconfig.build.json'];
    const { code } = await runTool(process.execPath, args, { output: 'progress' });
    if (code !== 0) throw new PrepareError('The meeting bot did not compile; the reason is above.');
    mkdirSync(outputDir, { recursive: true });
    for (const part of ['js', 'meeting-bot']) {
      cpSync(join(compiledDir, 'clients', part), join(outputDir, part), { recursive: true });
    }
    chmodSync(join(outputDir, 'meeting-bot/src/main.js'), 0o755);
    writeFileSync(stampFile, made);
  },
};

function fingerprint() {
  return fingerprintOf([
    join(packageRoot, 'node_modules/typescript/package.json'),
    ...['tsconfig.json', 'meeting-bot/tsconfig.json', 'meeting-bot/tsconfig.build.json'].map(
      (name) => join(packageRoot, 'clients', name),
    ),
    ...filesUnder(join(packageRoot, 'clients/meeting-bot/src')),
    ...filesUnder(join(packageRoot, 'clients/js/src')),
  ]);
}
