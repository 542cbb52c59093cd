import { expect, test } from 'vitest';
import { findGpus, readNvidiaSmi } from '../../src/devices/index.js';
import { probeAddon } from '../../src/engine/index.js';
import { addon, addonPath } from '../native/support.js';
import { loadOnGpu, rehearsal } from './support.js';

test('the addon loads, and says what it is', async () => {
  const probe = await probeAddon(addonPath);
  expect(probe).toMatchObject({ loads: true, builtFor: addon.backend });
  if (!probe.loads) return;
  expect(probe.devices.at(-1)?.kind).toBe('cpu');
  // Without a GPU the addon for it says why; with one there is nothing to say.
  const hasGpu = probe.devices.some(({ kind }) => kind === 'gpu');
  expect(probe.backends).toEqual(hasGpu ? ['cuda', 'cpu'] : ['cpu']);
  expect(probe.gpuProblem === null).toBe(hasGpu || probe.builtFor === 'cpu');
});

test.skipIf(rehearsal)("the addon and NVIDIA's tool list the same (needs a GPU)", async () => {
  const { gpus, driverVersion, warnings } = await findGpus(addonPath);
  expect(warnings).toEqual([]);
  expect(gpus.length).toBeGreaterThan(0);
  for (const { name, description, computeCapability, pciBusId, totalMemory, freeMemory } of gpus) {
    expect(name).toMatch(/^CUDA\d+$/);
    expect(description).toMatch(/\S/);
    expect(computeCapability).toMatch(/^\d+\.\d$/);
    expect(pciBusId).toMatch(/^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f]$/);
    expect(totalMemory).toBeGreaterThan(2 ** 30);
    expect(freeMemory).toBeGreaterThan(0);
    expect(freeMemory).toBeLessThanOrEqual(totalMemory);
  }
  const listed = await readNvidiaSmi();
  // Some containers have GPUs and not the tool.
  if (listed.state === 'listed') expect(driverVersion).toMatch(/^\d/);
});

test.skipIf(rehearsal)('a loaded model takes free memory (needs a GPU)', async () => {
  const free = () => addon.devices()[0]?.freeMemory ?? 0;
  const before = free();
  const model = await loadOnGpu();
  expect(before - free()).toBeGreaterThan(0.9 * model.memory);
  model.free();
});
