import { expect } from 'vitest';
import type { AudioWindow, Engine, WorkerPoolHooks } from '../../src/engine/index.js';
import type { GatewayError } from '../../src/errors/index.js';
import { audioWindow } from './audio-window.js';
import { jfkSamples } from './jfk-samples.js';

/** Hooks that write down what happens to a pool's workers, in a few words each. */
export function recordEvents(): { events: string[]; hooks: WorkerPoolHooks } {
  const events: string[] = [];
  const hooks: WorkerPoolHooks = {
    onRestart: ({ code }, worker) => events.push(`${worker}: ${code}`),
    onOpen: (_, worker, pauseMs) => events.push(`${worker}: left for ${pauseMs} ms`),
    onMemoryStep: ({ worker, step, direction }) => events.push(`${worker}: ${direction} ${step}`),
    onFallback: ({ code }) => events.push(`fallback: ${code}`),
  };
  return { events, hooks };
}

/** A pool that is tested at once need not wait for as long as one that serves people. */
export const impatient = {
  failures: 3,
  withinMs: 60_000,
  backoff: { baseMs: 50, factor: 2, maxMs: 10_000 },
  pause: { baseMs: 400, factor: 2, maxMs: 60_000 },
} as const;

/** The beginning of the clip, "And so my fellow Americans", which takes a fraction of a second. */
export const shortWindow = audioWindow({
  pcm: jfkSamples.subarray(0, 40_000),
  options: { audioContext: 300 },
});

export async function textOf(engine: Engine, window: AudioWindow = shortWindow): Promise<string> {
  const { segments } = await engine.transcribe(window, new AbortController().signal);
  return segments.map(({ text }) => text).join('');
}

/** The error that a promise is rejected with. */
export function failure(promise: Promise<unknown>): Promise<GatewayError> {
  return promise.then(
    () => expect.fail('It settled without an error.'),
    (error: GatewayError) => error,
  );
}

/** Waits for something to come true that real processes bring about. */
export function eventually(condition: () => unknown) {
  return expect.poll(condition, { timeout: 30_000, interval: 20 });
}
