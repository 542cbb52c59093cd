import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gatewayAddress, loadConfig } from '../../config/index.js';
import { CommandError } from '../command-error.js';
import { exitCodes } from '../exit-codes.js';
import { parseFormats } from '../transcribe/outputs.js';
import { createJobClient } from './job-client.js';
import { type JobFieldOptions, jobFields } from './job-fields.js';
import { SettledFiles } from './settled-files.js';
import { transcribeFile } from './transcribe-file.js';

/** What the command line asks for. */
export interface WatchOptions extends JobFieldOptions {
  readonly output?: string;
  readonly format: string;
  readonly gateway?: string;
  readonly apiKey?: string;
  readonly once?: boolean;
  /** Seconds. */
  readonly wait: number;
}

/** Between two looks at the folder. */
const lookMs = 500;
/** A file that has been the same for so long is whole. */
const settleMs = 2_000;
/** Files that are jobs at the same time: the gateway has a queue, and others use it as well. */
const maxJobs = 16;

/**
 * Makes a job of every file that appears in a folder, and writes what comes of it. A file that has its
 * transcripts is left alone, and one whose job is known to the gateway is not uploaded again, so that this may
 * be ended and started at any time.
 * @throws CommandError where the folder cannot be used; with `once`, where a file has no transcript in the end.
 */
export async function watchFolder(folder: string, options: WatchOptions): Promise<void> {
  const formats = parseFormats(options.format);
  const fields = await jobFields(options);
  const config = loadConfig();
  const gateway = options.gateway ?? gatewayAddress(config);
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  const source = resolve(folder);
  const output = resolve(options.output ?? folder);
  await mkdir(output, { recursive: true });
  const transcriber = {
    client: createJobClient(gateway, options.apiKey ?? config.apiKey, stop.signal),
    fields,
    output,
    formats,
    patienceMs: options.once ? options.wait * 1_000 : Number.POSITIVE_INFINITY,
    signal: stop.signal,
  };
  const files = new SettledFiles(source, settleMs);
  /** Versions that are dealt with, or will be. */
  const taken = new Map<string, string>();
  let active = 0;
  let failed = 0;
  while (!stop.signal.aborted) {
    const { settled, growing } = await files.look().catch((cause) => {
      throw new CommandError(exitCodes.unusable, `The folder cannot be read: ${cause.message}`);
    });
    const fresh = settled.filter(({ name, version }) => taken.get(name) !== version);
    for (const file of fresh.slice(0, maxJobs - active)) {
      taken.set(file.name, file.version);
      active++;
      void transcribeFile(file, transcriber).then((transcribed) => {
        active--;
        if (!transcribed) failed++;
      });
    }
    if (options.once && growing === 0 && fresh.length === 0 && active === 0) break;
    await pause(lookMs, undefined, { signal: stop.signal }).catch(() => {});
  }
  if (options.once && stop.signal.aborted) {
    throw new CommandError(exitCodes.interrupted, 'Interrupted.');
  }
  // What went wrong was said already.
  if (options.once && failed > 0) throw new CommandError(exitCodes.failed);
}
