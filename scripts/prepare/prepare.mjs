import { join } from 'node:path';
import { compiledSources } from './compiled-sources.mjs';
import { dependencies } from './dependencies.mjs';
import { withLock } from './lock.mjs';
import { nativeAddon } from './native-addon.mjs';
import { packageRoot } from './package-root.mjs';
import { PrepareError } from './prepare-error.mjs';
import { webApp } from './web-app.mjs';

const everything = [dependencies, nativeAddon, compiledSources, webApp];

/**
 * Makes a fresh clone ready to run: packages, native addon, compiled TypeScript, web app. Does only what is
 * not up to date; with nothing to do it takes no lock, needs no network and well under a second.
 * Leaves with a plain sentence where something is missing on this machine.
 * @param {typeof everything} [steps] In the order in which they need each other.
 */
export async function prepare(steps = everything) {
  try {
    for (const step of steps) {
      if (await step.isReady()) continue;
      await exclusively(async () => {
        // Somebody else may have done it while we waited for the lock.
        if (!(await step.isReady())) await run(step);
      }, step.name);
    }
  } catch (error) {
    if (!(error instanceof PrepareError)) throw error;
    console.error(`\n${error.message}`);
    process.exit(1);
  }
}

/**
 * One process at a time makes the same part; the addon takes minutes, for which the compilation of
 * TypeScript need not wait.
 * @template T
 * @param {() => Promise<T>} work
 * @param {string} part Name of the step.
 */
export function exclusively(work, part) {
  return withLock(join(packageRoot, `build/${part}.lock`), work, ({ pid }) =>
    console.error(`Waiting for process ${pid}, which is at work on this (${part}) already …`),
  );
}

async function run(step) {
  console.error(`${step.doing} …`);
  const begin = performance.now();
  await step.make();
  console.error(`  done in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
}
