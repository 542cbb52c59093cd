import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { packageRoot } from '../../src/config/index.js';
import {
  createVoiceActivityProcess,
  createWorkerPool,
  type PoolDevice,
  type VoiceActivityProcess,
  type VoiceActivityProcessOptions,
  type WorkerPool,
  type WorkerPoolOptions,
} from '../../src/engine/index.js';

export const addonPath = join(packageRoot, 'build/cpu/whisper_gateway.node');
export const modelPath = join(packageRoot, 'models/ggml-base-q8_0.bin');
export const voiceActivityModelPath = join(packageRoot, 'models/ggml-silero-v6.2.3.bin');

/** The only device of a pool, and its model, besides everything else that a pool can be given. */
type PoolSetup = Partial<WorkerPoolOptions & PoolDevice & { modelPath: string }>;

/** A pool of the real addon with the embedded model; closed after the test. */
export async function startWorkerPool(options: PoolSetup = {}): Promise<WorkerPool> {
  const { gpu = null, slots = 1, ...others } = options;
  const pool = await createWorkerPool({
    devices: [{ gpu, slots, addonPath: options.addonPath ?? addonPath }],
    model: { name: 'base-q8_0', path: options.modelPath ?? modelPath },
    threads: 1,
    cores: 1,
    startTimeoutMs: 60_000,
    requestTimeoutMs: 60_000,
    liveTimeoutMs: 60_000,
    memoryQuietMs: 600_000,
    ...others,
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
