import { readFile } from 'node:fs/promises';
import { type PostProcessingRequest, postProcessingSchema } from '../../protocol/index.js';
import { CommandError } from '../command-error.js';
import { exitCodes } from '../exit-codes.js';

/** What `addPostProcessingOptions` takes. */
export interface PostProcessingOptions {
  /** Each as `FROM=TO`. */
  readonly replace?: readonly string[];
  /** Path of a file with a word or phrase a line. */
  readonly mask?: string;
  readonly formatting?: string;
  readonly profile?: string;
}

/** What that asks of a gateway. @throws CommandError where it cannot be used. */
export async function readPostProcessing({
  replace,
  mask,
  formatting,
  profile,
}: PostProcessingOptions): Promise<PostProcessingRequest> {
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
