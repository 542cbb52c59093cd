import { z } from 'zod';
import { postProcessingSchema } from '../protocol/index.js';

/** Fields of forms and queries, each with a sentence about what it has to be. */

/** Case does not matter, which a JSON schema cannot say by a flag; empty counts as left out. */
export const language = z
  .string()
  .regex(
    /^([Aa][Uu][Tt][Oo]|[A-Za-z]{2,3})?$/,
    'language has to be auto, or an ISO 639-1 code such as en.',
  )
  .toLowerCase()
  .default('auto');

export const prompt = text('prompt', 4_000).default('').describe('text that comes before');

export const channels = choice('channels', ['mixed', 'split'])
  .default('mixed')
  .describe('all channels as one, or each by itself');

export const postProcessing = z
  .preprocess(fromJson, postProcessingSchema)
  .optional()
  .describe('what becomes of heard words, as JSON');

export function choice<const T extends readonly [string, ...string[]]>(name: string, values: T) {
  return z.enum(values, { error: `${name} has to be one of ${values.join(', ')}.` });
}

export function text(name: string, maxLength: number) {
  return z.string().max(maxLength, `${name} is longer than ${maxLength} characters.`);
}

export function integer(name: string, min: number, max: number) {
  const error = `${name} has to be a whole number from ${min} to ${max}.`;
  return z.coerce.number({ error }).int(error).min(min, error).max(max, error);
}

export function number(name: string, min: number, max: number) {
  const error = `${name} has to be a number from ${min} to ${max}.`;
  return z.coerce.number({ error }).min(min, error).max(max, error);
}

/** As JSON has it, and as Python and shells do. */
export function boolean(name: string) {
  return z
    .enum(['true', 'false', 'True', 'False', '1', '0'], {
      error: `${name} has to be true or false.`,
    })
    .default('false')
    .transform((value) => value === 'true' || value === 'True' || value === '1');
}

/** What a text holds, where it is JSON. */
export function fromJson(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
