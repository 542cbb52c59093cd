import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addonPath } from './native-engine.js';
import { temporaryFolder } from './temporary-folder.js';

/** How the processes that load the addon from now on find the machine. */
interface Settings {
  /** Bytes that each GPU has left. */
  readonly gpus?: readonly number[];
  /** The signal by which the process dies when it loads the addon. */
  readonly dies?: NodeJS.Signals;
  /** What it says on stderr before that. */
  readonly lastWords?: string;
  /** States that it has memory for; without it, any number. */
  readonly states?: number;
  /** Memory that it can allocate after it has begun to load the addon; without it, all there is. */
  readonly roomBytes?: number;
}

/**
 * An addon with GPUs that compute on the CPU, so that everything about several devices, and about
 * those that fail, can be tried where there is none. The folder goes with the test.
 */
export function pretendGpus(settings: Settings) {
  const folder = temporaryFolder();
  const path = join(folder, 'addon.cjs');
  const settingsPath = join(folder, 'settings.json');
  const fixture = fileURLToPath(new URL('../fixtures/pretended-gpus.cjs', import.meta.url));
  const names = [addonPath, settingsPath].map((name) => JSON.stringify(name)).join(', ');
  writeFileSync(path, `module.exports = require(${JSON.stringify(fixture)})(${names});\n`);
  const change = (to: Settings) => writeFileSync(settingsPath, JSON.stringify({ gpus: [], ...to }));
  change(settings);
  return { addonPath: path, change };
}
