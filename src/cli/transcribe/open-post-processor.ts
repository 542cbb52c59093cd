import { readFile } from 'node:fs/promises';
import type { Config } from '../../config/index.js';
import { GatewayError } from '../../errors/index.js';
import { openPostProcessing, type PostProcessor } from '../../post-processing/index.js';
import { type PostProcessingRequest, postProcessingSchema } from '../../protocol/index.js';
import { CommandError } from '../command-error.js';
import { exitCodes } from '../exit-codes.js';
import type { TranscribeOptions } from './transcribe-options.js';

type Options = Pick<TranscribeOptions, 'replace' | 'mask' | 'formatting' | 'profile'>;

/**
 * What becomes of heard words, as the settings and the command line say.
 * @throws ConfigError or CommandError where these cannot be used.
 */
export async function openPostProcessor(config: Config, options: Options): Promise<PostProcessor> {
  const warn = (_: object, message: string) => void process.stderr.write(`${message}\n`);
  const choose = await openPostProcessing(config, warn);
  const asked = await readOptions(options);
  try {
    return choose(asked);
  } catch (error) {
    throw error instanceof GatewayError ? unusable(error.message) : error;
  }
}

async function readOptions({
  replace,
  mask,
  formatting,
  profile,
}: Options): Promise<PostProcessingRequest> {
  const result = postProcessingSchema.safeParse({
    ...(replace && { replacements: replace.map(toReplacement) }),
    ...(mask !== undefined && { mask: { words: await linesOf(mask) } }),
    ...(formatting !== undefined && { formatting }),
    ...(profile !== undefined && { profile }),
  });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw unusable(`${issue?.path.join('.')} cannot be used: ${issue?.message}.`);
}

function toReplacement(text: string): { from: string; to: string } {
  const at = text.indexOf('=');
  if (at < 1) throw unusable(`--replace takes FROM=TO, not "${text}".`);
  return { from: text.slice(0, at).trim(), to: text.slice(at + 1).trim() };
}

async function linesOf(file: string): Promise<string[]> {
  try {
    const lines = (await readFile(file, 'utf8')).split(/\r?\n/u);
    return lines.map((line) => line.trim()).filter(Boolean);
  } catch (error) {
    throw unusable(`--mask: ${(error as Error).message}`);
  }
}

function unusable(message: string): CommandError {
  return new CommandError(exitCodes.unusable, message);
}
