import { describe, expect, test } from 'vitest';
import { type DeviceWishes, planDevices } from '../../../src/engine/index.js';
import { cpuSlots, gpuSlots, shareSlots } from '../../../src/engine/slots.js';

const gigabyte = 1e9;

describe('slots of the CPU', () => {
  test.each([
    [1, 0, 1],
    [2, 0, 2],
    [8, 2, 4],
    [8, 3, 2],
    [2, 4, 1],
    [64, 0, 8],
  ])('%i cores with %i threads each: %i', (cores, threads, slots) => {
    expect(cpuSlots(cores, threads)).toBe(slots);
  });
});

describe('slots of GPUs', () => {
  test.each([
    ['none fits: one is tried', [1], 2, [1]],
    ['80 % of what is free', [10], 2, [4]],
    ['eight at most', [80], 2, [8]],
    ['eight over all of them, in turns', [80, 80, 80], 2, [3, 3, 2]],
    ['by what each has free', [2.5, 80], 1, [2, 6]],
    ['one each on many small ones', [1, 1, 1], 2, [1, 1, 1]],
    ['nine GPUs: the ninth is not used', Array(9).fill(1), 2, [1, 1, 1, 1, 1, 1, 1, 1, 0]],
  ])('%s', (_, free: number[], needed, slots) => {
    const bytes = free.map((gigabytes) => gigabytes * gigabyte);
    expect(gpuSlots(bytes, needed * gigabyte)).toEqual(slots);
  });

  test('are shared until nobody has room', () => {
    expect(shareSlots(5, [1, 9])).toEqual([1, 4]);
    expect(shareSlots(5, [1, 1])).toEqual([1, 1]);
    expect(shareSlots(0, [1, 1])).toEqual([0, 0]);
  });
});

describe('a plan of devices', () => {
  const wishes: DeviceWishes = {
    backend: 'auto',
    addons: { cpu: 'cpu.node', cuda: 'cuda.node' },
    gpus: [{ freeMemory: 4 * gigabyte }, { freeMemory: 4 * gigabyte }],
    slots: 0,
    cores: 4,
    threads: 1,
    inferenceMemory: 2.1 * gigabyte,
  };
  const cpu = { gpu: null, addonPath: 'cpu.node', slots: 4 };
  const gpu = (index: number, slots: number) => ({ gpu: index, addonPath: 'cuda.node', slots });

  test('takes every GPU, with the CPU in reserve', () => {
    expect(planDevices(wishes)).toEqual({ devices: [gpu(0, 1), gpu(1, 1)], spare: cpu });
  });

  test('takes the CPU where that is asked for, or where there is no GPU', () => {
    expect(planDevices({ ...wishes, backend: 'cpu' })).toEqual({ devices: [cpu] });
    expect(planDevices({ ...wishes, gpus: [] })).toEqual({ devices: [cpu] });
  });

  test('looks for the GPU that was asked for, although there is none', () => {
    const plan = planDevices({ ...wishes, backend: 'cuda', gpus: [] });
    expect(plan).toEqual({ devices: [gpu(0, 1)], spare: cpu });
  });

  test('shares the slots that were asked for among the GPUs', () => {
    expect(planDevices({ ...wishes, slots: 3 }).devices).toEqual([gpu(0, 2), gpu(1, 1)]);
    expect(planDevices({ ...wishes, slots: 1 }).devices).toEqual([gpu(0, 1)]);
    expect(planDevices({ ...wishes, backend: 'cpu', slots: 3 }).devices).toEqual([
      { ...cpu, slots: 3 },
    ]);
  });
});
