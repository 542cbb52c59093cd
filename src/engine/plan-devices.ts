import type { PoolDevice } from './pool-options.js';
import { cpuSlots, gpuSlots, shareSlots } from './slots.js';

/** What this machine has, and what is asked of it. */
export interface DeviceWishes {
  readonly backend: 'auto' | 'cpu' | 'cuda';
  /** Paths of the addons. */
  readonly addons: { readonly cpu: string; readonly cuda: string };
  /** GPUs that the addon for them can use, in its order; empty where it cannot be loaded. */
  readonly gpus: readonly { readonly freeMemory: number }[];
  /** Inferences at the same time over all devices; 0 derives them. */
  readonly slots: number;
  readonly cores: number;
  /** Threads of one inference on the CPU; 0 shares the cores. */
  readonly threads: number;
  /** Bytes that one inference takes, the model's weights included. */
  readonly inferenceMemory: number;
}

/** Where inference runs: on `devices`, and while none of them can be used on the spare. */
export interface DevicePlan {
  readonly devices: readonly PoolDevice[];
  readonly spare?: PoolDevice;
}

/**
 * Every GPU, with the CPU in reserve, or the CPU alone. Where `cuda` is asked for and there is no GPU,
 * the first one is planned nevertheless: the pool warns, uses the CPU, and looks for it again.
 */
export function planDevices(wishes: DeviceWishes): DevicePlan {
  const { backend, addons, gpus, slots, cores, threads } = wishes;
  const cpu = { gpu: null, addonPath: addons.cpu, slots: slots || cpuSlots(cores, threads) };
  if (backend === 'cpu' || (backend === 'auto' && gpus.length === 0)) return { devices: [cpu] };
  const known = gpus.length > 0 ? gpus.map(({ freeMemory }) => freeMemory) : [0];
  const perGpu = slots
    ? shareSlots(
        slots,
        known.map(() => slots),
      )
    : gpuSlots(known, wishes.inferenceMemory);
  const devices = perGpu.map((each, gpu) => ({ gpu, addonPath: addons.cuda, slots: each }));
  return { devices: devices.filter((device) => device.slots > 0), spare: cpu };
}
