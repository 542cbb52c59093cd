import { type ErrorCode, GatewayError } from '../errors/index.js';
import { speaksOfMemory } from './lack-of-memory.js';

/** The addon's codes in our words. A busy or freed state is a defect of ours, so it has none. */
const codes: Readonly<Record<string, ErrorCode>> = {
  aborted: 'cancelled',
  inference_failed: 'inference_failed',
  invalid_argument: 'invalid_argument',
  model_corrupt: 'model_corrupt',
  model_not_found: 'model_not_found',
  out_of_memory: 'engine_out_of_memory',
  unknown_language: 'unknown_language',
};

/** What the addon threw, as an error of ours; `fallback` where its code says nothing. */
export function nativeError(error: unknown, fallback: ErrorCode): GatewayError {
  if (error instanceof GatewayError) return error;
  const { code = '', message = '' } = error as { code?: string; message?: string };
  const ours = codes[code] ?? fallback;
  // Only this one is for whoever called; the others tell of paths and of the inside.
  if (ours === 'invalid_argument' && message) return new GatewayError(ours, { message });
  // A thread that the system refuses, or an array that V8 cannot allocate, has no code of its own.
  const failed = ours === 'inference_failed' || ours === 'model_load_failed';
  const outOfMemory = failed && speaksOfMemory(message);
  return new GatewayError(outOfMemory ? 'engine_out_of_memory' : ours, { cause: error });
}
