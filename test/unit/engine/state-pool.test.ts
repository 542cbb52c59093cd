import { describe, expect, test } from 'vitest';
import type { NativeModel, NativeState } from '../../../src/engine/native-binding.js';
import { createStatePool } from '../../../src/engine/state-pool.js';

/** A model that counts its states, and has memory for `room` of them. */
function createModel(room = Number.POSITIVE_INFINITY) {
  const counts = { open: 0, opened: 0, room };
  const createState = async () => {
    if (counts.open >= counts.room) throw new Error('out of memory');
    counts.open++;
    counts.opened++;
    return { free: () => counts.open-- } as unknown as NativeState;
  };
  return { counts, model: { createState } as unknown as NativeModel };
}

describe('a pool of states', () => {
  test('opens as many as it has slots, and gives each to one at a time', async () => {
    const { model, counts } = createModel();
    const states = createStatePool(model);
    await states.resize(2);
    const [one, two] = [await states.take(), await states.take()];
    expect(one).not.toBe(two);
    expect([states.busy, counts.opened]).toEqual([2, 2]);
    await expect(states.take()).rejects.toMatchObject({ code: 'engine_unavailable' });
    states.give(two, false);
    expect(await states.take()).toBe(two);
  });

  test('frees a state that has failed, and opens another when it is needed', async () => {
    const { model, counts } = createModel();
    const states = createStatePool(model);
    await states.resize(1);
    const broken = await states.take();
    states.give(broken, true);
    expect(counts.open).toBe(0);
    expect(await states.take()).not.toBe(broken);
    expect(counts.open).toBe(1);
  });

  test('has a window wait for a state that is being opened', async () => {
    const { model } = createModel();
    const states = createStatePool(model);
    const resized = states.resize(1);
    const taken = states.take();
    await resized;
    states.give(await taken, false);
    expect(states.busy).toBe(0);
  });

  test('shrinks as states become idle', async () => {
    const { model, counts } = createModel();
    const states = createStatePool(model);
    await states.resize(3);
    const taken = [await states.take(), await states.take()];
    await states.resize(1);
    expect(counts.open).toBe(2);
    for (const state of taken) states.give(state, false);
    expect([counts.open, states.busy]).toEqual([1, 0]);
  });

  test('grows again, and opens what was lost', async () => {
    const { model, counts } = createModel();
    const states = createStatePool(model);
    await states.resize(2);
    states.give(await states.take(), true);
    await states.resize(3);
    expect([counts.open, counts.opened]).toEqual([3, 4]);
  });

  test('keeps what it could open where memory runs out, and can be asked again', async () => {
    const { model, counts } = createModel(2);
    const states = createStatePool(model);
    await expect(states.resize(3)).rejects.toThrow('out of memory');
    expect(counts.open).toBe(2);
    await states.resize(2);
    expect([await states.take(), await states.take()]).toHaveLength(2);
    counts.room = 3;
    await states.resize(3);
    expect(counts.open).toBe(3);
  });
});
