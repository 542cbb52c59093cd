// npm run test:gpu [-- --rehearse | FILE …]: builds the addon for CUDA and runs test/gpu wherever there
// is a GPU. Where there is none it says so and leaves with 77, having tested nothing; --rehearse then
// runs on the CPU what does not need a GPU.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { requireNode } from './prepare/require-node.mjs';

requireNode();
const { compiledSources } = await import('./prepare/compiled-sources.mjs');
const { dependencies } = await import('./prepare/dependencies.mjs');
const { lockOf } = await import('./prepare/native-addon.mjs');
const { packageRoot } = await import('./prepare/package-root.mjs');
const { PrepareError } = await import('./prepare/prepare-error.mjs');
const { exclusively, prepare } = await import('./prepare/prepare.mjs');

/** As automake and others tell "skipped" from "passed" and "failed". */
const noGpu = 77;

const rehearse = process.argv.includes('--rehearse');
const files = process.argv.slice(2).filter((argument) => argument !== '--rehearse');
const addonOf = (backend) => join(packageRoot, 'build', backend, 'whisper_gateway.node');

await prepare([dependencies, compiledSources]);
const { findGpus, readNvidiaSmi } = await import('../dist/devices/index.js');

try {
  process.exitCode = rehearse ? await rehearsal() : await test();
} catch (error) {
  if (!(error instanceof PrepareError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function test() {
  const smi = await readNvidiaSmi();
  const listed = smi.state === 'listed' && smi.gpus.length > 0;
  // Building takes long: without a GPU in sight only an addon that is there already is asked.
  if (listed) await build();
  const { gpus, warnings } = await findGpus(addonOf('cuda'));
  for (const warning of warnings) console.error(warning);
  if (gpus.length > 0) {
    console.log(`Testing on ${gpus.map(({ description }) => description).join(', ')}.`);
    return await run(addonOf('cuda'), {});
  }
  if (listed) return 1;
  console.error(
    'No GPU was found here, and nothing was tested. "npm run test:gpu -- --rehearse" runs on the CPU\n' +
      'what does not need one.',
  );
  return noGpu;
}

async function rehearsal() {
  const cuda = addonOf('cuda');
  const addon = existsSync(cuda) ? cuda : addonOf('cpu');
  if (!existsSync(addon)) throw new PrepareError('There is no addon: run "npm run build:native".');
  console.log(`A rehearsal on the CPU, with ${addon}: it says nothing about any GPU.`);
  return await run(addon, { GPU_TESTS: 'rehearse' });
}

async function build() {
  const { buildNative, isUpToDate } = await import('./native/build.mjs');
  if (isUpToDate('cuda')) return;
  await exclusively(async () => {
    console.error('Building build/cuda/whisper_gateway.node; this takes minutes …');
    await buildNative({ backend: 'cuda' });
  }, lockOf('cuda'));
}

async function run(addon, env) {
  const { runTests } = await import('./checks/run-tests.mjs');
  const { passed, failed, skipped } = await runTests(['--project', 'gpu', ...files], {
    env: { GPU_TESTS: 'run', ...env, NATIVE_ADDON: addon },
  });
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  return failed === 0 ? 0 : 1;
}
