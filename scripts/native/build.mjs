import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, constants } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../prepare/package-root.mjs';
import { PrepareError } from '../prepare/prepare-error.mjs';
import { defaultArchitectures, requireArchitectures } from './cuda-architectures.mjs';
import {
  cmakeDefinitions,
  cmakePaths,
  defaultOptions,
  outputFolder,
  whisperSource,
} from './options.mjs';
import { createProgress } from './progress.mjs';
import { readRecord, stampOf } from './stamp.mjs';
import { requireCuda, requireTools } from './tools.mjs';

const shownLogLines = 25;

/**
 * Whether the addon of this backend was built from the sources and on the kind of machine that are
 * here now. Options that are not given may be those of the last build.
 * @param {'cpu' | 'cuda'} backend
 * @param {Partial<import('./options.mjs').BuildOptions>} [given]
 */
export function isUpToDate(backend, given = {}) {
  const record = readRecord({ ...defaultOptions, ...given, backend });
  return record !== null && record.stamp === stampOf({ ...record.options, ...given, backend });
}

/**
 * Builds the addon into `build/<backend>/whisper_gateway.node` and records how in `build.json`
 * beside it. Options that are not given are those of the last build; `force` starts anew.
 * Progress goes to stderr, everything the tools say to `build.log`. `configureOnly` stops before
 * anything is compiled.
 * @param {Partial<import('./options.mjs').BuildOptions> & { force?: boolean, configureOnly?: boolean }} given
 * @throws PrepareError which says what is missing, or shows the end of the log.
 */
export async function buildNative({ force = false, configureOnly = false, ...given }) {
  const wanted = { ...defaultOptions, ...given };
  const folder = outputFolder(wanted);
  const options = force ? wanted : { ...wanted, ...readRecord(wanted)?.options, ...given };
  requireTools(options);
  if (options.backend === 'cuda') settleArchitectures(options);
  const stamp = stampOf(options);
  const begin = performance.now();

  mkdirSync(folder, { recursive: true });
  const cmakeFolder = join(folder, 'cmake');
  if (force) rmSync(cmakeFolder, { recursive: true, force: true });
  const log = createWriteStream(join(folder, 'build.log'));
  try {
    await configure(options, cmakeFolder, log);
    if (configureOnly) return;
    await cmakeJs(['build', '-p', String(availableParallelism())], options, cmakeFolder, log);
  } finally {
    log.end();
  }

  // Put in place in one step: a process that has the old addon open keeps that.
  const addon = join(folder, 'whisper_gateway.node');
  copyFileSync(join(cmakeFolder, configuration(options), 'whisper_gateway.node'), `${addon}.new`);
  renameSync(`${addon}.new`, addon);
  const record = {
    backend: options.backend,
    whisperVersion: whisperSource(options).version,
    options,
    definitions: cmakeDefinitions(options),
    compiler: compilerOf(cmakeFolder),
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    builtAt: new Date().toISOString(),
    buildMs: Math.round(performance.now() - begin),
    stamp,
  };
  writeFileSync(join(folder, 'build.json'), `${JSON.stringify(record, null, 2)}\n`);
}

/**
 * Which GPUs to compile for is decided once and recorded: a driver that is missing for a while, or
 * another GPU, must not make the next start compile for an hour.
 */
function settleArchitectures(options) {
  const { toolkit } = requireCuda();
  options.cudaArchitectures ??= defaultArchitectures(toolkit);
  requireArchitectures(options.cudaArchitectures, toolkit);
}

async function configure(options, cmakeFolder, log) {
  const again = existsSync(join(cmakeFolder, 'CMakeCache.txt'));
  try {
    await cmakeJs(['configure'], options, cmakeFolder, log);
  } catch (error) {
    // What CMake remembers does not survive a moved folder or another compiler.
    if (!again) throw error;
    rmSync(cmakeFolder, { recursive: true });
    await cmakeJs(['configure'], options, cmakeFolder, log);
  }
}

async function cmakeJs(command, options, cmakeFolder, log) {
  const definitions = [...cmakePaths(options), ...cmakeDefinitions(options)];
  const { resolve } = createRequire(import.meta.url);
  const args = [
    resolve('cmake-js/bin/cmake-js'),
    ...command,
    ...['--directory', join(packageRoot, 'native'), '--out', cmakeFolder],
    ...['--config', configuration(options)],
    ...definitions.map((definition) => `--CD${definition}`),
  ];
  // A process group of its own: ending cmake-js alone would leave the compilers running.
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const lastLines = [];
  const progress = createProgress(process.stderr);
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      log.write(`${line}\n`);
      lastLines.push(line);
      if (lastLines.length > shownLogLines) lastLines.shift();
      progress.line(line);
    });
  }
  const [code, signal] = await untilClosed(child);
  progress.end();
  if (code === 0) return;
  const said = lastLines.join('\n');
  throw new PrepareError(
    `${said}\n\nThe native engine could not be built (${signal ?? code}).` +
      ` Everything the tools said is in ${log.path}${hint(said)}`,
  );
}

/** What helps against failures whose own words do not say it. */
function hint(said) {
  if (!/unsupported GNU version|unsupported clang version/.test(said)) return '';
  return '\nThis nvcc is older than the C++ compiler: name an older one, such as CUDAHOSTCXX=g++-12.';
}

/** A signal that would end this process ends the compilers first. */
async function untilClosed(child) {
  let endedBy = null;
  const forward = (signal) => {
    endedBy = signal;
    // Nothing is left to end where it has just ended by itself.
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, signal);
  };
  process.on('SIGINT', forward).on('SIGTERM', forward);
  const closed = await once(child, 'close');
  process.off('SIGINT', forward).off('SIGTERM', forward);
  if (endedBy) process.exit(128 + constants.signals[endedBy]);
  return closed;
}

function configuration({ asan }) {
  return asan ? 'RelWithDebInfo' : 'Release';
}

function compilerOf(cmakeFolder) {
  const cache = readFileSync(join(cmakeFolder, 'CMakeCache.txt'), 'utf8');
  return /^CMAKE_CXX_COMPILER:\w+=(.*)$/m.exec(cache)?.[1] ?? null;
}
