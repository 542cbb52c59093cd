import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { packageRoot } from '../../src/config/index.js';
import {
  createVoiceActivityProcess,
  createWorkerPool,
  type VoiceActivityProcess,
  type VoiceActivityProcessOptions,
  type WorkerPool,
  type WorkerPoolOptions,
} from '../../src/engine/index.js';

export const addonPath = join(packageRoot, 'build/cpu/whisper_gateway.node');
export const modelPath = join(packageRoot, 'models/ggml-base-q8_0.bin');
export const voiceActivityModelPath = join(packageRoot, 'models/ggml-silero-v6.2.3.bin');

/** A pool of the real addon with the embedded model; closed after the test. */
export async function startWorkerPool(
  options: Partial<WorkerPoolOptions> = {},
): Promise<WorkerPool> {
  const pool = await createWorkerPool({
    addonPath,
    modelPath,
    model: 'base-q8_0',
    gpu: null,
    flashAttention: false,
    slots: 1,
    threads: 1,
    cores: 1,
    startTimeoutMs: 60_000,
    requestTimeoutMs: 60_000,
    ...options,
  });
  onTestFinished(() => pool.close());
  return pool;
}

/** Real voice activity; closed after the test. */
export async function startVoiceActivity(
  options: Partial<VoiceActivityProcessOptions> = {},
): Promise<VoiceActivityProcess> {
  const voiceActivity = await createVoiceActivityProcess({
    addonPath,
    modelPath: voiceActivityModelPath,
    startTimeoutMs: 60_000,
    ...options,
  });
  onTestFinished(() => voiceActivity.close());
  return voiceActivity;
}
