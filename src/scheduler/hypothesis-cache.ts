import { createHash } from 'node:crypto';
import type { Hypothesis } from '../engine/index.js';
import type { Work } from './scheduler.js';

export interface HypothesisCacheOptions {
  /** Most answers that are kept. */
  readonly maxEntries: number;
  /** Most bytes of text they may take, as JSON; the least recently used go first. */
  readonly maxBytes: number;
}

/** The latest answers by what was asked; see `cacheKey`. */
export interface HypothesisCache {
  readonly entries: number;
  readonly bytes: number;
  /** The answer, which by that becomes the most recently used. */
  get(key: string): Hypothesis | undefined;
  set(key: string, hypothesis: Hypothesis): void;
}

export function createHypothesisCache(options: HypothesisCacheOptions): HypothesisCache {
  // A Map keeps its keys in order of insertion: the least recently used one is the first.
  const answers = new Map<string, { hypothesis: Hypothesis; bytes: number }>();
  let bytes = 0;

  function forget(key: string): void {
    bytes -= answers.get(key)?.bytes ?? 0;
    answers.delete(key);
  }

  return {
    get entries() {
      return answers.size;
    },
    get bytes() {
      return bytes;
    },
    get(key) {
      const answer = answers.get(key);
      if (!answer) return undefined;
      answers.delete(key);
      answers.set(key, answer);
      return answer.hypothesis;
    },
    set(key, hypothesis) {
      forget(key);
      const size = Buffer.byteLength(JSON.stringify(hypothesis));
      answers.set(key, { hypothesis, bytes: size });
      bytes += size;
      for (const oldest of answers.keys()) {
        if (answers.size <= options.maxEntries && bytes <= options.maxBytes) break;
        forget(oldest);
      }
    },
  };
}

/**
 * Names a request by all that its answer depends on. Whose request it is counts as well, so that
 * nobody can learn from a quick answer what others have sent.
 */
export function cacheKey({ window, key = '' }: Work, model: string): string {
  const { pcm, options } = window;
  return createHash('sha256')
    .update(JSON.stringify([key, model, options]))
    .update(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength))
    .digest('base64');
}
