import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigError } from '../config/index.js';

/** What an operator's hook is told about a word. */
export interface WordContext {
  /** ISO 639-1 code of the text. */
  readonly language: string;
  /** Whether it is said now; false in a file. */
  readonly live: boolean;
  /** The word before it, as it will be shown; empty at the beginning. */
  readonly previous: string;
  readonly startMs: number;
  readonly endMs: number;
  /** 0 … 1. */
  readonly probability: number;
}

/** Makes another text of a word that comes without the signs around it; an empty one leaves it out. */
export type WordHook = (word: string, context: WordContext) => string;

/** Longest text that a hook may make of a word. */
const maxHookedLength = 200;
/** A call that takes longer holds up every session: it is said once. */
const slowMs = 20;

/**
 * Loads an operator's module and makes its `postProcess` safe to call: where it throws, or returns anything but
 * a text of at most 200 characters, the word stays as it was. That, and that it is slow, is said once.
 * @throws ConfigError where it cannot be loaded.
 */
export async function loadWordHook(
  path: string,
  warn: (fields: object, message: string) => void,
): Promise<WordHook> {
  const unusable = (why: string, cause?: unknown) =>
    new ConfigError(`POST_PROCESSING_MODULE: ${path} ${why}`, { cause });
  let module: { postProcess?: unknown };
  try {
    module = await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    throw unusable(`cannot be loaded: ${error instanceof Error ? error.message : error}`, error);
  }
  const { postProcess } = module;
  if (typeof postProcess !== 'function') throw unusable('exports no function postProcess.');
  return guarded(postProcess as (word: string, context: WordContext) => unknown, warn);
}

/** @param hook May do anything but never return. */
export function guarded(
  hook: (word: string, context: WordContext) => unknown,
  warn: (fields: object, message: string) => void,
): WordHook {
  const said = new Set<string>();
  const once = (fields: object, message: string) => {
    if (!said.has(message)) warn(fields, message);
    said.add(message);
  };
  return (word, context) => {
    const begin = performance.now();
    try {
      const text = hook(word, context);
      if (typeof text === 'string' && text.length <= maxHookedLength) {
        return text === word ? word : text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
      }
      // What an async function fails with later must not end the process.
      if (text instanceof Promise) text.catch(() => {});
      once({ returned: typeof text }, 'the post-processing module returned no usable text');
    } catch (error) {
      once({ error }, 'the post-processing module failed');
    } finally {
      const tookMs = performance.now() - begin;
      if (tookMs > slowMs) once({ tookMs }, 'the post-processing module is slow');
    }
    return word;
  };
}
