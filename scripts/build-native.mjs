// npm run build:native -- [--backend=cpu|cuda] …: compiles the addon, where it is not up to date.
import { parseArgs } from 'node:util';
import { requireNode } from './prepare/require-node.mjs';

requireNode();
const { PrepareError } = await import('./prepare/prepare-error.mjs');
const { buildNative, isUpToDate } = await import('./native/build.mjs');

const help = `npm run build:native -- [options]

  --backend=cpu|cuda      What inference runs on (default: BACKEND, or cpu).
  --whisper-source=DIR    Another whisper.cpp 1.9 source tree than the pinned one.
  --portable              No instructions that only this machine's CPU may have.
  --cuda-arch=90          GPU architectures to compile for, separated by semicolons.
  --cuda-flash-attention  Compile CUDA's flash attention kernels, which takes much longer.
  --define=NAME=VALUE     A CMake definition; may be repeated.
  --asan                  With sanitizers, into build/asan.
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
  const { help: wantsHelp, force, ...given } = readArguments();
  if (wantsHelp) return console.log(help);
  const name = given.asan ? 'asan' : given.backend;
  if (!force && isUpToDate(given.backend, given)) {
    return console.log(`build/${name}/whisper_gateway.node is up to date.`);
  }
  const { lockOf } = await import('./prepare/native-addon.mjs');
  const { exclusively } = await import('./prepare/prepare.mjs');
  await exclusively(async () => {
    console.error(`Building build/${name}/whisper_gateway.node; this takes minutes …`);
    await buildNative({ ...given, force });
  }, lockOf(name));
  console.log(`build/${name}/whisper_gateway.node is built.`);
}

function readArguments() {
  const { values } = parse();
  const backend = values.backend ?? (process.env.BACKEND || 'cpu');
  if (backend !== 'cpu' && backend !== 'cuda') {
    throw new PrepareError(`--backend has to be cpu or cuda, not "${backend}".\n\n${help}`);
  }
  const given = {
    whisperSource: values['whisper-source'],
    asan: values.asan,
    portable: values.portable,
    cudaArch: values['cuda-arch'],
    cudaFlashAttention: values['cuda-flash-attention'],
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
        'cuda-arch': text,
        'cuda-flash-attention': flag,
        define: { type: 'string', multiple: true },
        force: flag,
        help: flag,
      },
    });
  } catch (error) {
    throw new PrepareError(`${error.message}\n\n${help}`);
  }
}
