import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { AudioFile, storeStream } from '../../audio/index.js';
import { loadConfig } from '../../config/index.js';
import { openTranscription, type Transcription } from '../../gateway/index.js';
import { type PostProcessor, postProcessTranscript } from '../../post-processing/index.js';
import { collectTranscript, transcribeRecording } from '../../recording/index.js';
import type { Transcript } from '../../transcript/index.js';
import { exitCodes } from '../exit-codes.js';
import { explain } from '../explain.js';
import { createFileProgress } from './file-progress.js';
import { openPostProcessor } from './open-post-processor.js';
import { createOutputs, type Outputs, standardInput } from './outputs.js';
import { printable } from './printable.js';
import type { TranscribeOptions } from './transcribe-options.js';

/** What became of a command line's recordings. */
export interface FilesResult {
  readonly failed: number;
  readonly interrupted: boolean;
}

/** Longest time for everything to end after Ctrl-C; children leave by themselves when we do. */
const stopTimeoutMs = 2_000;

/**
 * Transcribes recordings one after the other, each with all that the machine has, and writes the results. One
 * that fails is said so, and the next one follows.
 * @throws CommandError or ConfigError before anything is begun; GatewayError where the engine cannot start.
 */
export async function transcribeFiles(
  files: readonly string[],
  options: TranscribeOptions,
): Promise<FilesResult> {
  const config = loadConfig(options.model ? { model: options.model } : {});
  const outputs = createOutputs(files, options);
  if (options.outputDir !== undefined) await mkdir(options.outputDir, { recursive: true });
  const processor = await openPostProcessor(config, options);
  const interruption = watchSignals();
  const transcription = await openTranscription(config);
  let failed = 0;
  try {
    for (const file of files) {
      if (interruption.signal.aborted) break;
      try {
        const { signal } = interruption;
        await transcribeFile(file, options, transcription, processor, outputs, signal);
      } catch (error) {
        if (interruption.signal.aborted) break;
        process.stderr.write(`${printable(file)}: ${explain(error)}\n`);
        failed++;
      }
    }
  } finally {
    await transcription.close();
    interruption.end();
  }
  return { failed, interrupted: interruption.signal.aborted };
}

async function transcribeFile(
  name: string,
  options: TranscribeOptions,
  transcription: Transcription,
  processor: PostProcessor,
  outputs: Outputs,
  signal: AbortSignal,
): Promise<void> {
  const source = name === standardInput ? await storeStream(process.stdin, signal) : name;
  const warn = (_: object, message: string) =>
    process.stderr.write(`${printable(name)}: ${message}.\n`);
  const file = await AudioFile.open(source, transcription.fileOptions(warn), signal);
  try {
    const transcript = await listen(name, file, options, transcription, signal);
    await outputs.write(name, postProcessTranscript(transcript, processor));
  } finally {
    await file.close();
  }
}

async function listen(
  name: string,
  file: AudioFile,
  options: TranscribeOptions,
  { dependencies, defaults }: Transcription,
  signal: AbortSignal,
): Promise<Transcript> {
  const { language, task, prompt, channels } = options;
  const asked = { ...defaults, language, task, prompt, channels };
  const progress = createFileProgress(printable(name), file, channels, process.stderr);
  try {
    const events = transcribeRecording(file, dependencies, { ...asked, id: randomUUID(), signal });
    return await collectTranscript(events, asked, (event) => {
      if (event.kind !== 'end') progress.reached(event.channel, event.endMs);
    });
  } finally {
    progress.end();
  }
}

/** The first signal stops the work; if that hangs, or another comes, the process ends at once. */
function watchSignals(): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const stop = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort();
    timer = setTimeout(() => process.exit(exitCodes.interrupted), stopTimeoutMs);
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, stop);
  return {
    signal: controller.signal,
    end() {
      clearTimeout(timer);
      for (const name of names) process.off(name, stop);
    },
  };
}
