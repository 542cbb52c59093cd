import { type NvidiaSmi, readCpu, readNvidiaSmi } from '../devices/index.js';
import type { Engine, WorkerGpu } from '../engine/index.js';
import type { DeviceMemory } from '../http/index.js';
import { residentMemory } from '../telemetry/index.js';

/** For how long the driver's tool need not be asked again: it is a process, and takes its time. */
const rememberedMs = 2_000;
let asked: { readonly at: number; readonly answer: Promise<NvidiaSmi> } | undefined;

/** How much of the machine's memory the gateway takes, and how much of its GPUs' is taken. */
export async function deviceMemory({ workerPids, gpus }: Engine): Promise<DeviceMemory[]> {
  const used_bytes = await residentMemory(workerPids);
  const cpu = { device: 'cpu', used_bytes, total_bytes: readCpu().totalMemory };
  return [cpu, ...(gpus.length > 0 ? await gpuMemory(gpus) : [])];
}

/**
 * As the driver's tool tells it now, or else as it was when each worker began: asking the workers
 * would have each of them set up every GPU of the machine.
 */
async function gpuMemory(gpus: readonly WorkerGpu[]): Promise<DeviceMemory[]> {
  // Whoever asks meanwhile shares the answer.
  if (!asked || performance.now() - asked.at > rememberedMs) {
    asked = { at: performance.now(), answer: readNvidiaSmi() };
  }
  const answer = await asked.answer;
  const listed = answer.state === 'listed' ? answer.gpus : [];
  return gpus.map(({ gpu, device }) => {
    const now = listed.find(({ pciBusId }) => pciBusId === device.pciBusId);
    const free = now?.freeMemory ?? device.freeMemory;
    // Of the addon's total, since it may have a part of the GPU only.
    const used_bytes = Math.max(0, (now?.totalMemory ?? device.totalMemory) - free);
    return { device: `gpu${gpu}`, used_bytes, total_bytes: device.totalMemory };
  });
}
