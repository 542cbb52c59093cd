// npm run build:native -- [--backend=cpu|cuda] …: compiles the addon, where it is not up to date.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { requireNode } from './prepare/require-node.mjs';

requireNode();
const { PrepareError } = await import('./prepare/prepare-error.mjs');
const { buildNative, isUpToDate } = await import('./native/build.mjs');

const help = `npm run build:native -- [options]

  --backend=cpu|cuda      What inference runs on (default: BACKEND, or cpu).
  --whisper-source=DIR    Another whisper.cpp 1.9 source tree than the pinned one.
  --portable              No instructions that only this machine's CPU may have.
  --cuda-architectures=90 GPUs to compile for, as their compute capabilities without the dot, separated
                          by semicolons (default: this machine's, else the most common ones).
  --cuda-flash-attention  Compile CUDA's flash attention kernels, which takes much longer.
  --fetch-cublas          Get cuBLAS from PyPI into build/cublas first, where it is missing (0.4 GB).
  --define=NAME=VALUE     A CMake definition; may be repeated.
  --asan                  With sanitizers, into build/asan.
  --output=DIR            Another folder than build/cpu or build/cuda.
  --configure-only        Stop before anything is compiled.
  --force                 Forget the last build and its options.
`;

try {
  await run();
} catch (error) {
  if (!(error instanceof PrepareError)) throw error;
  console.error(error.message);
  process.exit(1);
}

async function run() {
  const { help: wantsHelp, force, fetchCublas, configureOnly, ...given } = readArguments();
  if (wantsHelp) return console.log(help);
  const kind = given.asan ? 'asan' : given.backend;
  const addon = join(given.output ?? `build/${kind}`, 'whisper_gateway.node');
  if (!force && !configureOnly && isUpToDate(given.backend, given)) {
    return console.log(`${addon} is up to date.`);
  }
  if (fetchCublas) await getCublas();
  const { lockOf } = await import('./prepare/native-addon.mjs');
  const { exclusively } = await import('./prepare/prepare.mjs');
  await exclusively(async () => {
    if (!configureOnly) console.error(`Building ${addon}; this takes minutes …`);
    await buildNative({ ...given, force, configureOnly });
  }, lockOf(kind));
  console.log(configureOnly ? `${addon} can be built.` : `${addon} is built.`);
}

/** Does nothing where the toolkit brings it. */
async function getCublas() {
  const { fetchCublas, findCublas } = await import('./native/cublas.mjs');
  const { findCudaToolkit, howToGetToolkit } = await import('./native/cuda-toolkit.mjs');
  const toolkit = findCudaToolkit();
  if (!toolkit) throw new PrepareError(howToGetToolkit);
  if (!findCublas(toolkit)) fetchCublas(toolkit);
}

function readArguments() {
  const { values } = parse();
  const backend = values.backend ?? (process.env.BACKEND === 'cuda' ? 'cuda' : 'cpu');
  if (backend !== 'cpu' && backend !== 'cuda') {
    throw new PrepareError(`--backend has to be cpu or cuda, not "${backend}".\n\n${help}`);
  }
  const given = {
    whisperSource: values['whisper-source'],
    asan: values.asan,
    portable: values.portable,
    cudaArchitectures: values['cuda-architectures'],
    cudaFlashAttention: values['cuda-flash-attention'],
    fetchCublas: values['fetch-cublas'],
    output: values.output,
    configureOnly: values['configure-only'],
    define: values.define,
    force: values.force,
    help: values.help,
  };
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  return { backend, ...Object.fromEntries(present) };
}

function parse() {
  const flag = { type: 'boolean' };
  const text = { type: 'string' };
  try {
    return parseArgs({
      options: {
        backend: text,
        'whisper-source': text,
        asan: flag,
        portable: flag,
        'cuda-architectures': text,
        'cuda-flash-attention': flag,
        'fetch-cublas': flag,
        output: text,
        'configure-only': flag,
        define: { type: 'string', multiple: true },
        force: flag,
        help: flag,
      },
    });
  } catch (error) {
    throw new PrepareError(`${error.message}\n\n${help}`);
  }
}
