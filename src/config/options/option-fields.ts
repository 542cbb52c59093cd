import { z } from 'zod';

/** Where an option comes from and what it is for; in zod's metadata of every field. */
export interface OptionMeta {
  readonly env: string;
  readonly description: string;
}

export function integer(
  env: string,
  fallback: number,
  min: number,
  max: number,
  description: string,
) {
  return z.coerce.number().int().min(min).max(max).default(fallback).meta({ env, description });
}

export function fraction(env: string, fallback: number, description: string) {
  return z.coerce.number().min(0).max(1).default(fallback).meta({ env, description });
}

export function text(env: string, fallback: string, description: string) {
  return z.string().min(1).default(fallback).meta({ env, description });
}

export function url(env: string, fallback: string, description: string) {
  return z
    .url({ protocol: /^https?$/ })
    .default(fallback)
    .meta({ env, description });
}

export function optionalUrl(env: string, description: string) {
  return z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({ env, description });
}

export function optionalText(env: string, description: string) {
  return z.string().min(1).optional().meta({ env, description });
}

export function choice<const T extends readonly [string, ...string[]]>(
  env: string,
  values: T,
  fallback: T[number],
  description: string,
) {
  // The cast keeps the union of the values, which zod's default() would widen.
  return z
    .enum(values)
    .default(fallback as never)
    .meta({ env, description });
}
