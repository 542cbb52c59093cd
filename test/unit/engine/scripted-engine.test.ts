import { describe, expect, test } from 'vitest';
import { ScriptedEngine, spoken, spokenThrough } from '../../../src/engine/index.js';
import { GatewayError } from '../../../src/errors/index.js';
import { audioWindow } from '../../support/audio-window.js';

const never = new AbortController().signal;

describe('a scripted engine', () => {
  test('answers what the script says of each window', async () => {
    const engine = new ScriptedEngine({
      script: (window, index) =>
        index === 1 ? new GatewayError('engine_died') : spokenThrough(window, `window ${index}`),
    });
    const text = async () => (await engine.transcribe(audioWindow(), never)).segments[0]?.text;
    expect(await text()).toBe(' window 0');
    await expect(text()).rejects.toMatchObject({ code: 'engine_died' });
    expect(await text()).toBe(' window 2');
    expect(engine.windows).toHaveLength(3);
  });

  test('holds windows until they are released, the oldest first', async () => {
    const engine = new ScriptedEngine({
      script: (window) => spokenThrough(window, window.sessionId),
      slots: 3,
      held: true,
    });
    const settled: string[] = [];
    const all = ['a', 'b', 'c'].map(async (sessionId) => {
      await engine.transcribe(audioWindow({ sessionId }), never);
      settled.push(sessionId);
    });
    await engine.arrived(3);
    engine.release(1);
    await all[0];
    expect(settled).toEqual(['a']);
    expect(engine.active).toBe(2);
    engine.release();
    await Promise.all(all);
    expect(settled).toEqual(['a', 'b', 'c']);
    expect(engine.mostActive).toBe(3);

    await engine.transcribe(audioWindow(), never);
    engine.hold();
    const held = engine.transcribe(audioWindow(), never);
    await engine.arrived(5);
    expect(engine.active).toBe(1);
    engine.release(1);
    await held;
  });

  test('plays one whose worker is down', async () => {
    const engine = new ScriptedEngine({ script: () => spoken([]) });
    engine.ready = false;
    const refused = engine.transcribe(audioWindow(), never);
    await expect(refused).rejects.toMatchObject({ code: 'engine_unavailable' });
    engine.ready = true;
    expect((await engine.transcribe(audioWindow(), never)).segments).toEqual([]);
  });
});

describe('spoken text', () => {
  test('has the times that were given', () => {
    const { segments } = spoken(
      [
        ['hello', 100, 400],
        ['world', 500, 900],
      ],
      { probability: 0.5 },
    );
    expect(segments).toHaveLength(1);
    expect(segments[0]).toMatchObject({ startMs: 100, endMs: 900, text: ' hello world' });
    expect(segments[0]?.words[1]).toEqual({
      word: 'world',
      startMs: 500,
      endMs: 900,
      probability: 0.5,
      spaceBefore: true,
    });
  });

  test('fills its window evenly where no times are given', () => {
    const window = audioWindow({ pcm: new Int16Array(24_000) });
    const words = spokenThrough(window, 'one two  three').segments[0]?.words;
    expect(words?.map(({ word, startMs, endMs }) => [word, startMs, endMs])).toEqual([
      ['one', 0, 500],
      ['two', 500, 1_000],
      ['three', 1_000, 1_500],
    ]);
    expect(spokenThrough(window, '').segments).toEqual([]);
  });
});
