import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { GatewayError } from '../../../../src/errors/index.js';
import { audioWindow } from '../../../support/audio-window.js';
import { scriptedModels } from './scripted-models.js';

const never = new AbortController().signal;

function failure(promise: Promise<unknown>): Promise<GatewayError> {
  return promise.then(
    () => expect.fail('It settled without an error.'),
    (error: GatewayError) => error,
  );
}

describe('a lease', () => {
  test('of no name, or of whisper-1, is one of the default', async () => {
    const { manager, loaded } = scriptedModels();
    expect((await manager.lease()).model).toBe('a');
    expect((await manager.lease('whisper-1')).model).toBe('a');
    expect(loaded()).toEqual(['a']);
  });

  test('loads a model once, however many ask for it at the same time', async () => {
    const { manager, events } = scriptedModels();
    const loading: string[] = [];
    const onLoading = (model: string) => loading.push(model);
    const leases = await Promise.all([1, 2, 3].map(() => manager.lease('b', { onLoading })));
    expect(events).toEqual(['open b', 'loaded b']);
    expect(new Set(leases.map(({ engine }) => engine)).size).toBe(1);
    expect(loading).toEqual(['b', 'b', 'b']);
    await manager.lease('b', { onLoading });
    expect(loading).toHaveLength(3);
    expect(manager.status).toMatchObject([{ name: 'b', users: 4, isDefault: false }]);
  });

  test('of an unknown name is refused with the names that there are, and loads nothing', async () => {
    const { manager, events } = scriptedModels();
    const onLoading = () => expect.fail('nothing is loaded');
    const error = await failure(manager.lease('x', { onLoading }));
    expect([error.code, error.param]).toEqual(['model_not_found', 'model']);
    expect(error.message).toContain('There are: a, b, c, broken, whisper-1.');
    expect(events).toEqual([]);
  });

  test('of what cannot be loaded fails for all who wait, and the next one tries again', async () => {
    const { manager, events, loaded } = scriptedModels();
    await manager.lease();
    const errors = await Promise.all([1, 2].map(() => failure(manager.lease('broken'))));
    expect(errors.map(({ code }) => code)).toEqual(['model_corrupt', 'model_corrupt']);
    await failure(manager.lease('broken'));
    const tried = ['open broken', 'broken: model_corrupt'];
    expect(events.slice(2)).toEqual([...tried, ...tried]);
    expect(loaded()).toEqual(['a']);
  });

  test('that nobody waits for any more is cancelled, and another goes on waiting', async () => {
    const { manager, hold, release } = scriptedModels();
    hold();
    const left = new AbortController();
    const gone = failure(manager.lease('b', { signal: left.signal }));
    const staying = manager.lease('b');
    left.abort();
    expect((await gone).code).toBe('cancelled');
    release();
    expect((await staying).model).toBe('b');
    expect(manager.status).toMatchObject([{ users: 1 }]);
  });

  test('released twice counts once', async () => {
    const { manager } = scriptedModels();
    const [first] = await Promise.all([manager.lease('b'), manager.lease('b')]);
    first.release();
    first.release();
    expect(manager.status).toMatchObject([{ users: 1 }]);
  });
});

describe('a switch', () => {
  test('gives new leases the new model, and leaves the old one to those who have it', async () => {
    const { manager, events, loaded } = scriptedModels();
    const old = await manager.lease();
    expect(await manager.switchTo('b')).toMatchObject({ from: 'a', to: 'b' });
    expect((await manager.lease()).model).toBe('b');
    expect(loaded()).toEqual(['a', 'b']);
    expect(events).not.toContain('unload a: switch');
    old.release();
    expect(events.slice(-2)).toEqual(['switched a to b', 'unload a: switch']);
    expect(loaded()).toEqual(['b']);
    expect(manager.switches).toBe(1);
  });

  test('that fails changes nothing', async () => {
    const { manager, loaded } = scriptedModels();
    await manager.lease();
    expect((await failure(manager.switchTo('broken'))).code).toBe('model_corrupt');
    expect((await failure(manager.switchTo('x'))).code).toBe('model_not_found');
    expect([manager.defaultModel, loaded(), manager.switches]).toEqual(['a', ['a'], 0]);
  });

  test('to the default is none', async () => {
    const { manager, events } = scriptedModels();
    await manager.lease();
    await manager.switchTo('a');
    expect([manager.switches, events]).toEqual([0, ['open a', 'loaded a']]);
  });

  test('back keeps a model that is still in use', async () => {
    const { manager, events, loaded } = scriptedModels();
    const old = await manager.lease();
    await manager.switchTo('b');
    await manager.switchTo('a');
    old.release();
    expect(loaded()).toEqual(['a']);
    expect(events.filter((event) => event.startsWith('open'))).toEqual(['open a', 'open b']);
  });

  test('of several at once ends with the last, each after the one before', async () => {
    const { manager, loaded, events } = scriptedModels();
    (await manager.lease()).release();
    await Promise.all(['b', 'c', 'b'].map((name) => manager.switchTo(name)));
    expect(manager.defaultModel).toBe('b');
    await expect.poll(() => events.filter((event) => event.startsWith('close'))).toHaveLength(3);
    expect(loaded()).toEqual(['b']);
  });

  test('has the old model make way where there is memory for one only', async () => {
    const { manager, events, loaded, budget } = scriptedModels({ budgetBytes: 15 });
    (await manager.lease()).release();
    await manager.switchTo('b');
    expect(events.slice(2)).toEqual([
      'unload a: memory',
      'close a',
      'open b',
      'loaded b',
      'switched a to b',
    ]);
    expect([loaded(), budget.usedBytes]).toEqual([['b'], 10]);
  });

  test('for which it made way in vain gets it back', async () => {
    const { manager, events } = scriptedModels({ budgetBytes: 15 });
    (await manager.lease()).release();
    await failure(manager.switchTo('broken'));
    await expect.poll(() => events.at(-1)).toBe('loaded a');
    expect((await manager.lease()).model).toBe('a');
  });

  test('without memory is refused while the old model is in use', async () => {
    const { manager, loaded } = scriptedModels({ budgetBytes: 15 });
    await manager.lease();
    const error = await failure(manager.switchTo('b'));
    expect([error.code, error.retryable]).toEqual(['memory_budget_exceeded', true]);
    expect(error.retryAfterMs).toBeGreaterThan(0);
    expect(loaded()).toEqual(['a']);
  });
});

describe('memory', () => {
  test('is made by unloading what was idle longest, and only as much as is needed', async () => {
    const { manager, loaded } = scriptedModels({ budgetBytes: 30, bytes: { broken: 40 } });
    await manager.lease();
    (await manager.lease('b')).release();
    (await manager.lease('c')).release();
    // Now `c` is the one that was not used for longer.
    (await manager.lease('b')).release();
    const tooLarge = await failure(manager.lease('broken'));
    expect([tooLarge.code, tooLarge.retryable]).toEqual(['model_too_large', false]);
    expect(loaded()).toEqual(['a', 'b', 'c']);
    await manager.switchTo('b');
    expect(loaded()).toEqual(['a', 'b', 'c']);
  });

  test('for one more takes it from the least recently used', async () => {
    const { manager, events } = scriptedModels({
      budgetBytes: 35,
      bytes: { a: 5, c: 20 },
    });
    await manager.lease();
    (await manager.lease('b')).release();
    (await manager.lease('broken').catch(() => null))?.release();
    await manager.lease('c');
    expect(events).not.toContain('unload b: memory');
    expect(manager.status.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  test('that is in use is never taken', async () => {
    const { manager, loaded } = scriptedModels({ budgetBytes: 25 });
    await manager.lease();
    const b = await manager.lease('b');
    expect((await failure(manager.lease('c'))).code).toBe('memory_budget_exceeded');
    expect(loaded()).toEqual(['a', 'b']);
    b.release();
    await manager.lease('c');
    expect(loaded()).toEqual(['a', 'c']);
  });

  test('is not counted on twice by two who load at the same time', async () => {
    const { manager, budget, loaded } = scriptedModels({ budgetBytes: 25 });
    await manager.lease();
    const outcomes = await Promise.allSettled([manager.lease('b'), manager.lease('c')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect([budget.usedBytes, loaded()]).toEqual([20, ['a', 'b']]);
  });

  test('never keeps the default from starting, where it is alone', async () => {
    const { manager } = scriptedModels({ budgetBytes: 5 });
    expect((await manager.lease()).model).toBe('a');
    expect((await failure(manager.lease('b'))).code).toBe('model_too_large');
  });

  test('of the default is for others only where it stays no longer than it is used', async () => {
    const { manager, loaded, engine } = scriptedModels({ budgetBytes: 15, keepDefault: false });
    (await manager.lease()).release();
    (await manager.lease('b')).release();
    expect([loaded(), engine.ready, engine.info.model]).toEqual([['b'], true, 'a']);
    expect((await manager.lease()).model).toBe('a');
    expect(loaded()).toEqual(['a']);
  });
});

describe('what is idle', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('is unloaded after its time, unless somebody comes before', async () => {
    const { manager, loaded, events } = scriptedModels({ idleMs: 1_000 });
    (await manager.lease()).release();
    (await manager.lease('b')).release();
    await vi.advanceTimersByTimeAsync(900);
    const again = await manager.lease('b');
    await vi.advanceTimersByTimeAsync(5_000);
    again.release();
    await vi.advanceTimersByTimeAsync(900);
    expect(loaded()).toEqual(['a', 'b']);
    await vi.advanceTimersByTimeAsync(200);
    expect(loaded()).toEqual(['a']);
    expect(events.slice(-2)).toEqual(['unload b: idle', 'close b']);
  });

  test('stays without such a time', async () => {
    const { manager, loaded } = scriptedModels();
    (await manager.lease('b')).release();
    await vi.advanceTimersByTimeAsync(1e9);
    expect(loaded()).toEqual(['b']);
  });

  test('and the default goes as well where it does not stay, and comes back', async () => {
    const { manager, engine, loaded } = scriptedModels({ idleMs: 1_000, keepDefault: false });
    (await manager.lease()).release();
    await vi.advanceTimersByTimeAsync(1_100);
    expect([loaded(), engine.ready]).toEqual([[], true]);
    await engine.transcribe(audioWindow({}), never);
    expect(loaded()).toEqual(['a']);
  });
});

describe('as one engine', () => {
  test('a window goes to the model that it names, or to the default', async () => {
    const { manager, engine, engines } = scriptedModels();
    await manager.lease();
    await manager.lease('b');
    await engine.transcribe(audioWindow({ model: 'b' }), never);
    await engine.transcribe(audioWindow({}), never);
    expect([engines.get('a')?.windows.length, engines.get('b')?.windows.length]).toEqual([1, 1]);
  });

  test('it has the slots of the model with the fewest, and says when they change', async () => {
    const { manager, engine, engines } = scriptedModels({ slots: { a: 4, b: 2 }, idleMs: 0 });
    const slots: number[] = [];
    engine.onSlotsChanged((count) => slots.push(count));
    await manager.lease();
    expect(engine.slots).toBe(4);
    const b = await manager.lease('b');
    expect(engine.slots).toBe(2);
    const pool = engines.get('b');
    if (pool) pool.slots = 1;
    expect(engine.slots).toBe(1);
    // Down, it holds the others up no longer.
    if (pool) pool.ready = false;
    expect(engine.slots).toBe(4);
    if (pool) pool.ready = true;
    await manager.switchTo('b');
    await manager.switchTo('a');
    b.release();
    expect([engine.slots, slots.at(-1)]).toEqual([4, 4]);
  });

  test('close ends all of them, also one that is being loaded', async () => {
    const { manager, engine, events, hold, release } = scriptedModels();
    await manager.lease();
    hold();
    const waiting = failure(manager.lease('b'));
    await expect.poll(() => events.at(-1)).toBe('open b');
    const closed = engine.close();
    release();
    await closed;
    expect((await waiting).code).toBe('engine_unavailable');
    expect(events).toContain('close a');
    expect(events).not.toContain('loaded b');
    expect([engine.ready, manager.status]).toEqual([false, []]);
    expect((await failure(manager.lease())).code).toBe('engine_unavailable');
    await engine.close();
  });
});
