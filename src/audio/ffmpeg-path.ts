import { execFile } from 'node:child_process';
import { access, chmod, constants } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { GatewayError } from '../errors/index.js';

/** An ffmpeg that was started once and answered. */
export interface FoundFfmpeg {
  /** Absolute. */
  readonly path: string;
  /** As ffmpeg itself says it, such as `5.1.9-0+deb12u1` or `N-47683-g0e8eb07980-static`. */
  readonly version: string;
}

interface Candidate extends FoundFfmpeg {
  /** Version of libavformat: the one number that builds without a release number have too. */
  readonly library: readonly [major: number, minor: number];
}

/** Longest time for an ffmpeg to say its version, in milliseconds: a cold disk may hold it. */
const answerTimeoutMs = 20_000;

const run = promisify(execFile);

/**
 * Finds the ffmpeg to use: the configured one and no other; else the newer of the system's and the one that
 * comes with npm. Meant to be called once, at the start.
 * @throws GatewayError `decoder_unavailable`, which tells what was tried and why it does not work.
 */
export async function findFfmpeg(configured?: string): Promise<FoundFfmpeg> {
  const tried = await Promise.allSettled(
    configured ? [fromSystem(configured)] : [fromSystem('ffmpeg'), fromPackage()],
  );
  const [first, second] = tried.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []));
  if (!first) {
    const reasons = tried.map((it) => (it.status === 'rejected' ? reasonOf(it.reason) : ''));
    throw new GatewayError('decoder_unavailable', {
      message: `No ffmpeg works. Install one, or set FFMPEG_PATH. ${reasons.join(' ')}`,
    });
  }
  const { path, version } = second && isNewer(second, first) ? second : first;
  return { path, version };
}

/** The package throws strings. */
function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** npm does not run the script by which the package would make its program executable. */
export async function makeExecutable(path: string): Promise<void> {
  await access(path, constants.X_OK).catch(() => chmod(path, 0o755));
}

async function fromSystem(name: string): Promise<Candidate> {
  // The shell knows how to search the PATH, of which this file knows nothing.
  const found = run('/bin/sh', ['-c', 'command -v "$1"', 'sh', name]).catch(() => {
    throw new Error(`${name}: not found.`);
  });
  return probe(resolve((await found).stdout.trim()));
}

async function fromPackage(): Promise<Candidate> {
  // Imported here because it throws, and a string at that, on platforms that it has no binary for.
  const { default: installer } = await import('@ffmpeg-installer/ffmpeg');
  await makeExecutable(installer.path);
  return probe(installer.path);
}

async function probe(path: string): Promise<Candidate> {
  // The environment is empty here because it is empty for the decoders.
  const { stdout } = await run(path, ['-version'], { env: {}, timeout: answerTimeoutMs });
  const version = /^ffmpeg version (\S+)/.exec(stdout)?.[1];
  const library = /^libavformat\s+(\d+)\.\s*(\d+)/m.exec(stdout);
  if (!version || !library) throw new Error(`${path}: this is not an ffmpeg.`);
  return { path, version, library: [Number(library[1]), Number(library[2])] };
}

function isNewer(a: Candidate, b: Candidate): boolean {
  return a.library[0] !== b.library[0] ? a.library[0] > b.library[0] : a.library[1] > b.library[1];
}
