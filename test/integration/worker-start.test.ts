import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/config/index.js';
import type { InferenceReady, InferenceSetup } from '../../src/engine/messages.js';
import { SupervisedProcess } from '../../src/engine/supervised-process.js';

/** Every addon that is built here: the one for GPUs runs on the CPU as well. */
const addons = ['cpu', 'cuda']
  .map((backend) => join(packageRoot, 'build', backend, 'whisper_gateway.node'))
  .filter((path) => existsSync(path));

function startWorker(addonPath: string, gpu: number | null) {
  const setup: InferenceSetup = {
    addonPath,
    modelPath: join(packageRoot, 'models/ggml-base-q8_0.bin'),
    gpu,
    flashAttention: false,
    slots: 1,
    threads: 1,
    cores: 1,
  };
  return SupervisedProcess.start<InferenceSetup, InferenceReady, never, never>({
    entry: join(packageRoot, 'dist/engine/worker-main.js'),
    setup,
    startTimeoutMs: 60_000,
    requestTimeoutMs: 60_000,
  });
}

test.each(addons)(
  '%s: a GPU that is not there is an unavailable backend, and the CPU is not',
  async (path) => {
    await expect(startWorker(path, 99)).rejects.toMatchObject({ code: 'backend_unavailable' });
    const worker = await startWorker(path, null);
    expect(worker.ready).toMatchObject({ backend: 'cpu', device: 'cpu' });
    await worker.close();
  },
);

test('an addon that cannot be loaded is an unavailable backend', async () => {
  await expect(startWorker(join(packageRoot, 'package.json'), null)).rejects.toMatchObject({
    code: 'backend_unavailable',
  });
});
