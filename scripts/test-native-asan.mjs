// npm run test:native:asan: builds the addon with address and undefined behaviour sanitizers into
// build/asan and runs the native tests with it. Building takes minutes, and so do the tests.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { requireNode } from './prepare/require-node.mjs';

requireNode();
const { packageRoot } = await import('./prepare/package-root.mjs');
const { PrepareError } = await import('./prepare/prepare-error.mjs');
const { lockOf } = await import('./prepare/native-addon.mjs');
const { exclusively } = await import('./prepare/prepare.mjs');
const { runTool } = await import('./prepare/run-tool.mjs');
const { buildNative, isUpToDate } = await import('./native/build.mjs');

/** Tests that compile what they test; words.test.ts has a sanitizer of its own. */
const compiling = [
  'words.test.ts',
  'last-words.test.ts',
  'probe.test.ts',
  'build.test.ts',
  'cuda-build.test.ts',
];

try {
  await build();
  process.exitCode = await test();
} catch (error) {
  if (!(error instanceof PrepareError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function build() {
  if (isUpToDate('cpu', { asan: true })) return;
  await exclusively(async () => {
    console.error('Building build/asan/whisper_gateway.node; this takes minutes …');
    await buildNative({ backend: 'cpu', asan: true });
  }, lockOf('asan'));
}

async function test() {
  const files = readdirSync(join(packageRoot, 'test/native'))
    .filter((name) => name.endsWith('.test.ts') && !compiling.includes(name))
    .map((name) => join('test/native', name));
  const { code } = await runTool(
    process.execPath,
    [
      join(packageRoot, 'node_modules/vitest/vitest.mjs'),
      ...['run', '--project', 'native', '--testTimeout', '900000', '--hookTimeout', '900000'],
      ...files,
    ],
    {
      env: {
        ...process.env,
        NATIVE_ADDON: join(packageRoot, 'build/asan/whisper_gateway.node'),
        // Node itself is not built with the sanitizers, so their runtime has to come first.
        LD_PRELOAD: sanitizerRuntimes(),
        // Leaks are not looked for: Node frees nothing when it ends, nor does whisper.cpp free a
        // model that it could not load.
        ASAN_OPTIONS: 'detect_leaks=0',
        UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1',
      },
    },
  );
  return code;
}

/** GCC's runtimes, or none where the compiler puts them elsewhere. */
function sanitizerRuntimes() {
  const find = (name) =>
    execFileSync('c++', [`-print-file-name=${name}`], { encoding: 'utf8' }).trim();
  const files = ['libasan.so', 'libubsan.so'].map(find).filter((file) => file.includes('/'));
  if (files.length === 0) throw new PrepareError('The sanitizer runtime (libasan) is missing.');
  return files.join(' ');
}
