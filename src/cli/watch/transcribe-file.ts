import { createHash } from 'node:crypto';
import { access, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { JobView } from '../../jobs/index.js';
import { printable } from '../transcribe/printable.js';
import { isTemporary, type JobClient, RequestFailed } from './job-client.js';
import type { SettledFile } from './settled-files.js';

export interface FileTranscriber {
  readonly client: JobClient;
  /** Of every form. */
  readonly fields: Readonly<Record<string, string>>;
  /** Folder of the transcripts. */
  readonly output: string;
  readonly formats: readonly string[];
  /** How long a gateway may be away or busy before a file is given up. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}

/** Between two looks at a job. */
const lookMs = 500;
/** Between two tries. */
const retryMs = 2_000;

/**
 * Makes a job of a file, waits for it and writes what comes of it; says on the terminal what becomes of it.
 * @returns Whether it has its transcripts now. Never rejects.
 */
export async function transcribeFile(
  file: SettledFile,
  transcriber: FileTranscriber,
): Promise<boolean> {
  const { patienceMs, signal } = transcriber;
  const say = (text: string) => process.stdout.write(`${printable(file.name)}: ${text}\n`);
  let told = '';
  let failingSince: number | null = null;
  while (!signal.aborted) {
    try {
      const outcome = await writeMissing(file, transcriber);
      if (outcome !== null) say(outcome.text);
      return outcome?.transcribed ?? true;
    } catch (error) {
      if (signal.aborted) break;
      const { message } = error as Error;
      // Said once, however often it is tried.
      if (message !== told) say(message);
      told = message;
      failingSince ??= performance.now();
      const temporary = error instanceof RequestFailed && error.temporary;
      if (!temporary || performance.now() - failingSince >= patienceMs) return false;
      await pause(Math.min(retryMs, patienceMs), undefined, { signal }).catch(() => {});
    }
  }
  return false;
}

interface Outcome {
  readonly transcribed: boolean;
  readonly text: string;
}

/** @returns What is to be said; null where nothing was missing. */
async function writeMissing(
  file: SettledFile,
  transcriber: FileTranscriber,
): Promise<Outcome | null> {
  const missing = await missingOutputs(file.name, transcriber);
  if (missing.length === 0) return null;
  const { id, state, error } = await endedJob(file, transcriber);
  if (state !== 'succeeded') {
    const text = error ? `${error.message} (${error.code})` : `the job was ${state}`;
    return { transcribed: false, text };
  }
  for (const { format, path } of missing) {
    const text = await transcriber.client.result(id, format);
    // Whoever waits for the transcript sees it when it is whole.
    await writeFile(`${path}.tmp`, text);
    await rename(`${path}.tmp`, path);
  }
  return { transcribed: true, text: 'transcribed' };
}

async function missingOutputs(name: string, { output, formats }: FileTranscriber) {
  const paths = formats.map((format) => ({ format, path: join(output, `${name}.${format}`) }));
  const missing = await Promise.all(
    paths.map(({ path }) =>
      access(path).then(
        () => false,
        () => true,
      ),
    ),
  );
  return paths.filter((_, index) => missing[index]);
}

/** The job of a file, which may be there from before, when it has ended. */
async function endedJob(
  { name, path, version }: SettledFile,
  { client, fields, signal }: FileTranscriber,
): Promise<JobView> {
  const described = JSON.stringify([path, version, fields]);
  const reference = `watch-${createHash('sha256').update(described).digest('hex').slice(0, 32)}`;
  let job =
    (await client.find(reference)) ?? (await client.create(path, name, { ...fields, reference }));
  // What has failed before may work now; not where only another file or setting would help.
  if (job.error && isTemporary(job.error.code)) job = await client.retry(job.id);
  while (job.state === 'queued' || job.state === 'running') {
    await pause(lookMs, undefined, { signal });
    job = await client.get(job.id);
  }
  return job;
}
