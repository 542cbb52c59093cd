import { type ExecFileException, execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment, packageRoot } from '../config/index.js';
import type { AddonReport } from './examine-addon.js';
import { createLastLines } from './last-lines.js';

/** What came of loading an addon in a process of its own. */
export type AddonProbe = ({ readonly loads: true } & AddonReport) | AddonFailure;

/** An addon that cannot be used here. */
export interface AddonFailure {
  readonly loads: false;
  readonly problem: AddonProblem;
  /** The shared library that is missing, where that is the problem. */
  readonly library: string | null;
  /** One or two sentences for people: what is wrong, and what helps. */
  readonly reason: string;
}

export type AddonProblem =
  /** There is no such file. */
  | 'absent'
  /** A shared library that it needs is not found. */
  | 'missing_library'
  /** It is no addon, or one for another system, Node or version of the gateway. */
  | 'incompatible'
  /** The process that loaded it died. */
  | 'crashed'
  | 'timed_out';

/** Setting up a GPU takes seconds; with many of them, or a cold driver, tens of seconds. */
const defaultTimeoutMs = 30_000;
const maxOutputBytes = 1_048_576;
/** Lines of what a crashed process said that a reason quotes. */
const quotedLines = 3;

/**
 * Loads the addon at `path` in a throw-away process, which may crash or hang, and reports what it
 * offers here. Never rejects.
 */
export async function probeAddon(
  path: string,
  { timeoutMs = defaultTimeoutMs }: { timeoutMs?: number } = {},
): Promise<AddonProbe> {
  if (!existsSync(path)) return failure('absent', `There is no addon at ${path}. It is not built.`);
  const { error, stdout, stderr } = await run(path, timeoutMs);
  const answer = parse(stdout);
  // What has answered works: how the process ends after that is of no interest.
  if (answer && 'devices' in answer) return { loads: true, ...answer };
  if (answer) return refusedByLoader(answer.error);
  if (error?.killed) {
    return failure(
      'timed_out',
      `Loading it was not done after ${timeoutMs} ms. The GPU's driver may hang.`,
    );
  }
  return crashed(error, stderr);
}

interface Run {
  readonly error: ExecFileException | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(path: string, timeout: number): Promise<Run> {
  const entry = join(packageRoot, 'dist/engine/probe-main.js');
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [entry, path],
      { env: childEnvironment(), timeout, killSignal: 'SIGKILL', maxBuffer: maxOutputBytes },
      (error, stdout, stderr) => resolve({ error, stdout, stderr }),
    );
  });
}

/** The last line: whatever a strange addon prints comes before it. */
function parse(stdout: string): AddonReport | { readonly error: string } | null {
  try {
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  } catch {
    return null;
  }
}

function refusedByLoader(error: string): AddonFailure {
  const library = missingLibrary(error);
  if (!library) return failure('incompatible', `It cannot be loaded here: ${error}`);
  const advice = /libcublas|libcudart/.test(library)
    ? 'It belongs to the CUDA toolkit the addon was built with.'
    : 'Install it, or build the addon anew on this machine.';
  return {
    ...failure('missing_library', `The shared library ${library} is missing. ${advice}`),
    library,
  };
}

/** As glibc, musl and macOS name it. */
function missingLibrary(error: string): string | null {
  const patterns = [
    /^(\S+): cannot open shared object file/m,
    /Error loading shared library (\S+):/,
    /Library not loaded: (\S+)/,
  ];
  return patterns.map((pattern) => pattern.exec(error)?.[1]).find(Boolean) ?? null;
}

function crashed(error: ExecFileException | null, stderr: string): AddonFailure {
  const words = createLastLines(quotedLines);
  words.write(stderr);
  const how = error?.signal ?? `exit code ${error?.code ?? 0}`;
  const advice =
    error?.signal === 'SIGILL'
      ? ' It uses instructions that this CPU lacks: build it here, or with --portable.'
      : '';
  const said = words.lines().join(' · ');
  return failure(
    'crashed',
    `The process that loaded it ended with ${how}.${advice}${said && ` It said: ${said}`}`,
  );
}

function failure(problem: AddonProblem, reason: string): AddonFailure {
  return { loads: false, problem, library: null, reason };
}
