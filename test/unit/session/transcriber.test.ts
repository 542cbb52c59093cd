import { describe, expect, test } from 'vitest';
import type { ChunkerEvent, UtteranceWindow } from '../../../src/audio/index.js';
import {
  type AudioWindow,
  type Hypothesis,
  ScriptedEngine,
  spokenThrough,
} from '../../../src/engine/index.js';
import { GatewayError } from '../../../src/errors/index.js';
import { asHeard } from '../../../src/post-processing/index.js';
import type { SessionEvent } from '../../../src/protocol/index.js';
import { AudioLedger } from '../../../src/session/audio-ledger.js';
import { Transcriber } from '../../../src/session/transcriber.js';

const second = 16_000;
const settings = {
  language: 'en',
  task: 'transcribe',
  prompt: '',
  hotwords: [],
  chineseScript: 'simplified',
  interimResults: true,
  wordTimestamps: true,
  stableFinals: true,
  postProcessor: asHeard,
} as const;

/** A transcriber on a scripted engine; `say` is what the engine hears in each window in turn. */
function listen(
  say: (window: AudioWindow, index: number) => string | Hypothesis | GatewayError | Promise<string>,
  changes: Partial<typeof settings> | { stableFinals: boolean } = {},
) {
  const engine = new ScriptedEngine({
    slots: 8,
    script: async (window, index) => {
      const answer = await say(window, index);
      return typeof answer === 'string' ? spokenThrough(window, answer) : answer;
    },
  });
  const events: SessionEvent[] = [];
  const shown: string[] = [];
  const ledger = new AudioLedger();
  ledger.receive(60 * second);
  const transcriber = new Transcriber(
    {
      sessionId: 's',
      submit: (window, signal, onStarted) => {
        onStarted?.();
        return engine.transcribe(window, signal);
      },
      emit: (event) => events.push(event),
      ledger,
      metrics: {
        decoded: () => {},
        committed: () => {},
        retracted: () => {},
        shed: () => {},
        endpointToFinal: () => {},
        failed: () => {},
        shown: (type, rung) => shown.push(`${type} ${rung}`),
        unbalanced: () => {},
        stopped: () => {},
      },
      warn: () => {},
    },
    { ...settings, ...changes },
  );
  return { transcriber, engine, events, ledger, shown };
}

function window(utterance: number, startS: number, endS: number): UtteranceWindow {
  const [start, end] = [startS * second, endS * second];
  return { utterance, start, end, pcm: new Int16Array(end - start) };
}

const partial = (of: UtteranceWindow, speculative = false): ChunkerEvent => ({
  kind: 'partial',
  window: of,
  speculative,
});
const final = (of: UtteranceWindow): ChunkerEvent => ({
  kind: 'final',
  window: of,
  cause: 'endpoint',
});
/** Lets answers that are there already be taken. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

const textsOf = (events: readonly SessionEvent[]) =>
  events.flatMap((event) => (event.type === 'final' ? [event.text] : []));

describe('Transcriber', () => {
  test('a guess at the final window is the final, without another inference', async () => {
    const { transcriber, engine, events } = listen(() => 'all of it');
    transcriber.handle(partial(window(1, 0, 3), true));
    await settle();
    transcriber.handle(final(window(1, 0, 3)));
    await transcriber.settled();
    expect(textsOf(events)).toEqual(['all of it']);
    expect(engine.windows).toHaveLength(1);
  });

  test('a guess that was followed by more speech is not the final', async () => {
    const { transcriber, engine, events } = listen((_, index) =>
      index === 0 ? 'all of' : 'all of it',
    );
    transcriber.handle(partial(window(1, 0, 3), true));
    await settle();
    transcriber.handle(final(window(1, 0, 4)));
    await transcriber.settled();
    expect(textsOf(events)).toEqual(['all of it']);
    expect(engine.windows).toHaveLength(2);
  });

  test('finals come in the order of their audio, however the answers come', async () => {
    const { transcriber, engine, events } = listen((_, index) => `number ${index}`);
    engine.hold();
    for (const number of [1, 2, 3]) {
      transcriber.handle(final(window(number, number, number + 1)));
    }
    await engine.arrived(3);
    engine.release(2);
    await settle();
    engine.release();
    await transcriber.settled();
    expect(textsOf(events)).toEqual(['number 0', 'number 1', 'number 2']);
  });

  test('no partial of an utterance comes after its final', async () => {
    const { transcriber, engine, events } = listen(() => 'hello there');
    engine.hold();
    transcriber.handle(partial(window(1, 0, 2)));
    transcriber.handle(final(window(1, 0, 3)));
    engine.release();
    await transcriber.settled();
    await settle();
    expect(events.map(({ type }) => type)).toEqual(['final']);
  });

  test('nor one before the final of the utterance before: then the newest of them is shown', async () => {
    let decide = () => {};
    const slow = new Promise<string>((resolve) => {
      decide = () => resolve('the first');
    });
    const said = [slow, 'and', 'and then'];
    const { transcriber, events } = listen((_, index) => said[index] ?? '');
    transcriber.handle(final(window(1, 0, 2)));
    for (const end of [3, 4]) {
      transcriber.handle(partial(window(2, 2, end)));
      await settle();
    }
    expect(events).toEqual([]);
    decide();
    await transcriber.settled();
    expect(events).toMatchObject([
      { type: 'final', text: 'the first' },
      { type: 'partial', end_ms: 4_000 },
    ]);
  });

  test('a long utterance is decoded from its last committed words on, and ends up whole', async () => {
    const sentence = 'one two three four five six seven eight nine ten';
    const { transcriber, engine, events } = listen((heard) => {
      // A word a second: what a window holds follows from its length, counted from the end.
      const seconds = heard.pcm.length / second;
      const end = heard.lane === 'final' ? 10 : endOf.shift();
      return sentence
        .split(' ')
        .slice((end as number) - seconds, end)
        .join(' ');
    });
    const endOf = [8, 9, 10];
    for (const end of [8, 9, 10]) {
      transcriber.handle(partial(window(1, 0, end)));
      await settle();
    }
    transcriber.handle(final(window(1, 0, 10)));
    await transcriber.settled();
    expect(textsOf(events)).toEqual([sentence]);
    expect(engine.windows.at(-1)?.pcm.length).toBeLessThan(6 * second);
  });

  test('an invented text is decoded again at full context, and its loop is cut out', async () => {
    const { transcriber, engine, events, shown } = listen((_, index) =>
      index === 0 ? 'you you you you you you' : 'this is what was said',
    );
    transcriber.handle(final(window(1, 0, 4)));
    await transcriber.settled();
    expect(engine.windows.map(({ options }) => options.tail !== null)).toEqual([true, false]);
    expect(engine.windows.at(-1)?.options.audioContext).toBe(0);
    expect(events).toMatchObject([{ text: 'this is what was said', rung: 'full' }]);
    expect(shown).toEqual(['final full']);
  });

  test('an invented partial is not shown', async () => {
    const { transcriber, events } = listen(() => 'you you you you you you');
    transcriber.handle(partial(window(1, 0, 4)));
    await settle();
    expect(events).toEqual([]);
  });

  test('a window that failed for good is shed with its code, and committed words stay', async () => {
    const { transcriber, events, ledger } = listen((heard) =>
      heard.lane === 'final' ? new GatewayError('engine_died') : 'these were heard',
    );
    transcriber.handle(partial(window(1, 0, 2)));
    await settle();
    transcriber.handle(partial(window(1, 0, 3)));
    await settle();
    transcriber.handle(final(window(1, 0, 4)));
    await transcriber.settled();
    expect(events.slice(-2)).toMatchObject([
      { type: 'warning', code: 'audio_shed' },
      { type: 'final', text: 'these were heard' },
    ]);
    expect(ledger.report().shed).toEqual([{ start_ms: 0, end_ms: 4_000, code: 'engine_died' }]);
  });

  test('revised finals are decoded whole and name what they changed', async () => {
    const sentence = 'We shall fight on the beaches and in the fields';
    const revised = sentence.replace('beaches', 'peaches');
    const endOf = [8, 9, 10];
    const { transcriber, engine, events } = listen(
      (heard) => {
        if (heard.lane === 'final') return revised;
        const end = endOf.shift() as number;
        return sentence
          .split(' ')
          .slice(end - heard.pcm.length / second, end)
          .join(' ');
      },
      { stableFinals: false },
    );
    for (const end of [8, 9, 10]) {
      transcriber.handle(partial(window(1, 0, end)));
      await settle();
    }
    transcriber.handle(final(window(1, 0, 11)));
    await transcriber.settled();
    const seconds = engine.windows.map(({ pcm }) => pcm.length / second);
    // Partials are as short as those of stable finals.
    expect(seconds.at(-2)).toBeLessThan(10);
    expect(seconds.at(-1)).toBe(11);
    expect(events.at(-1)).toMatchObject({
      text: revised,
      revised: [{ index: 5, from: 'beaches', to: 'peaches' }],
    });
  });
});
