import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frameSamples } from '../../../src/audio/index.js';
import type { SubmitWindow } from '../../../src/decoding/index.js';
import {
  type AudioWindow,
  type Hypothesis,
  ScriptedEngine,
  spoken,
} from '../../../src/engine/index.js';
import {
  type FinishedWindow,
  type RecordingEvent,
  type RecordingOptions,
  toTranscript,
  transcribeRecording,
} from '../../../src/recording/index.js';
import { transcriptText } from '../../../src/transcript/index.js';
import {
  createVoiceActivity,
  hear,
  options,
  recordingOf,
  type Said,
  speak,
} from './spoken-recording.js';

/** Submits straight to a script. */
function submitTo(script: (window: AudioWindow) => Hypothesis): SubmitWindow {
  return async (window) => script(window);
}

async function transcribe(
  pcm: Int16Array,
  submit: SubmitWindow,
  given: Partial<RecordingOptions> = {},
): Promise<RecordingEvent[]> {
  const deps = { createVoiceActivity, submit, slots: () => 2 };
  const events: RecordingEvent[] = [];
  for await (const event of transcribeRecording(recordingOf(pcm), deps, { ...options, ...given })) {
    events.push(event);
  }
  return events;
}

function windowsOf(events: readonly RecordingEvent[]): FinishedWindow[] {
  return events.filter((event) => event.kind === 'window');
}

function wordsOf(events: readonly RecordingEvent[]): string[] {
  return windowsOf(events).flatMap(({ words }) => words.map(({ word }) => word));
}

/** Words of all lengths, and pauses of none to many seconds. */
const speeches = fc
  .array(
    fc.tuple(
      fc.integer({ min: 4, max: 25 }),
      fc.oneof(
        { arbitrary: fc.constant(0), weight: 30 },
        { arbitrary: fc.integer({ min: 0, max: 90 }), weight: 1 },
      ),
    ),
    {
      minLength: 1,
      maxLength: 300,
    },
  )
  .map((words) =>
    words.flatMap(([frames, pause], index): Said[] => [
      [`w${index}`, frames],
      ['', pause],
    ]),
  );

describe('what is said', () => {
  test('no word is lost or doubled, wherever windows had to be cut, and every time is exact', async () => {
    await fc.assert(
      fc.asyncProperty(speeches, async (said) => {
        const { pcm, words } = speak([['', 20], ...said, ['', 20]]);
        const events = await transcribe(
          pcm,
          submitTo((window) => hear(window, words)),
        );
        expect(wordsOf(events)).toEqual(words);
        for (const word of windowsOf(events).flatMap((window) => window.words)) {
          const middle = Math.round(((word.startMs + word.endMs) / 2) * 16);
          expect(words[(pcm[middle] as number) - 1]).toBe(word.word);
        }
        const last = events.at(-1);
        expect(last).toEqual({ kind: 'end', durationMs: Math.round(pcm.length / 16) });
      }),
      { numRuns: 40 },
    );
  });

  test('a transcription goes on behind any window as if it had never been interrupted', async () => {
    const said = Array.from({ length: 400 }, (_, index): Said[] => [
      [`w${index}`, 5 + ((index * 7) % 13)],
      ['', index % 150 === 149 ? 80 : index % 200 === 60 ? 8 : 0],
    ]).flat();
    const { pcm, words } = speak(said);
    const submit = submitTo((window) => hear(window, words));
    const whole = windowsOf(await transcribe(pcm, submit));
    expect(whole.length).toBeGreaterThan(5);
    expect(whole.some(({ checkpoint }) => checkpoint.overlap)).toBe(true);
    expect(whole.some(({ checkpoint }) => !checkpoint.overlap)).toBe(true);
    for (const [index, { checkpoint }] of whole.entries()) {
      const startAt = JSON.parse(JSON.stringify(checkpoint));
      const rest = windowsOf(await transcribe(pcm, submit, { startAt }));
      expect(rest).toEqual(whole.slice(index + 1));
    }
  });

  test('long silence tells how far the work is', async () => {
    const { pcm, words } = speak([
      ['one', 10],
      ['', 5_000],
      ['two', 10],
    ]);
    const events = await transcribe(
      pcm,
      submitTo((window) => hear(window, words)),
    );
    const kinds = events.map(({ kind }) => kind);
    expect(kinds).toEqual(['window', 'silence', 'silence', 'window', 'end']);
  });

  test('channels are transcribed one after the other, each with its number', async () => {
    const [left, right] = [
      speak([['one', 30]]),
      speak([
        ['', 40],
        ['two', 30],
      ]),
    ];
    const deps = {
      createVoiceActivity,
      submit: submitTo((window) =>
        hear(window, window.pcm.length > 50 * frameSamples ? ['?'] : ['']),
      ),
      slots: () => 1,
    };
    const file = recordingOf(left.pcm, right.pcm);
    const events: RecordingEvent[] = [];
    for await (const event of transcribeRecording(file, deps, { ...options, channels: 'split' })) {
      events.push(event);
    }
    expect(events.map((event) => 'channel' in event && event.channel)).toEqual([0, 1, false]);
    const fromSecond = windowsOf(events)[0]?.checkpoint;
    expect(fromSecond).toMatchObject({ channel: 0 });
  });
});

describe('the engine', () => {
  const { pcm } = speak(
    Array.from({ length: 20 }, (): Said[] => [
      ['x', 500],
      ['', 70],
    ]).flat(),
  );

  test('gets as many windows as it has slots and one more, and no audio beyond them is read', async () => {
    const engine = new ScriptedEngine({ script: () => spoken([]), slots: 100, held: true });
    let submitted = 0;
    const submit: SubmitWindow = (window, signal) => {
      submitted++;
      return engine.transcribe(window, signal);
    };
    const deps = { createVoiceActivity, submit, slots: () => 3 };
    const events = transcribeRecording(recordingOf(pcm), deps, options);
    const first = events.next();
    await engine.arrived(4);
    expect(submitted).toBe(4);
    engine.release(1);
    await first;
    const second = events.next();
    await engine.arrived(5);
    expect(submitted).toBe(5);
    engine.release();
    await second;
    await events.return();
  });

  test('is left in peace when nobody reads on, and when the caller aborts', async () => {
    for (const leave of ['return', 'abort'] as const) {
      const engine = new ScriptedEngine({ script: () => spoken([]), slots: 100, held: true });
      const controller = new AbortController();
      const file = recordingOf(pcm);
      const deps = {
        createVoiceActivity,
        submit: engine.transcribe.bind(engine),
        slots: () => 2,
      };
      const events = transcribeRecording(file, deps, { ...options, signal: controller.signal });
      const first = events.next();
      await engine.arrived(3);
      engine.release(1);
      await first;
      if (leave === 'return') {
        await events.return();
      } else {
        const second = events.next();
        controller.abort();
        await expect(second).rejects.toMatchObject({ code: 'cancelled' });
      }
      expect(engine.active).toBe(0);
      await expect(events.next()).resolves.toMatchObject({ done: true });
    }
  });

  test('what it says to a window ends the transcription, and what was finished stays', async () => {
    let count = 0;
    const submit: SubmitWindow = async () => {
      if (++count === 4) throw Object.assign(new Error('out'), { code: 'engine_out_of_memory' });
      return spoken([['word', 0, 300]]);
    };
    const deps = { createVoiceActivity, submit, slots: () => 1 };
    const events: RecordingEvent[] = [];
    const run = async () => {
      for await (const event of transcribeRecording(recordingOf(pcm), deps, options)) {
        events.push(event);
      }
    };
    await expect(run()).rejects.toMatchObject({ code: 'engine_out_of_memory' });
    expect(windowsOf(events)).toHaveLength(3);
  });

  test('too long a recording is refused', async () => {
    const given = { maxDurationMs: 60_000 };
    await expect(
      transcribe(
        pcm,
        submitTo(() => spoken([])),
        given,
      ),
    ).rejects.toMatchObject({
      code: 'audio_too_long',
    });
  });
});

describe('the language', () => {
  /** Six windows; the number in the samples tells which one it is. */
  const { pcm } = speak(
    Array.from({ length: 6 }, (_, index): Said[] => [
      [`w${index}`, 300],
      ['', 70],
    ]).flat(),
  );
  const numberOf = ({ pcm }: AudioWindow) => pcm.find((sample) => sample > 0) as number;

  /** What is detected in each window, with which probability; and how sure its text is then. */
  async function languagesOf(
    spokenIn: readonly (readonly [language: string, probability: number])[],
    given: Partial<RecordingOptions> = { language: 'auto' },
  ) {
    const asked: string[] = [];
    const submit = submitTo((window) => {
      const number = numberOf(window);
      const [language, probability] = spokenIn[number - 1] as [string, number];
      const { language: wanted } = window.options;
      asked.push(`${number} ${wanted}`);
      const right = wanted === 'auto' || wanted === language;
      return {
        ...spoken([[`w${number}`, 0, 500]], {
          language: wanted === 'auto' ? language : wanted,
          probability: right ? 0.9 : 0.4,
        }),
        languageProbability: wanted === 'auto' ? probability : 1,
      };
    });
    const events = await transcribe(pcm, submit, given);
    return { asked, languages: windowsOf(events).map(({ language }) => language), events };
  }

  test('that is asked for is never questioned', async () => {
    const { asked, languages } = await languagesOf(Array(6).fill(['zh', 1]), { language: 'en' });
    expect(languages).toEqual(Array(6).fill('en'));
    expect(asked).toHaveLength(6);
  });

  test('is settled by the first sure window, and kept', async () => {
    const { asked } = await languagesOf(Array(6).fill(['de', 0.95]));
    expect(asked).toEqual(['1 auto', '2 de', '3 de', '4 de', '5 de', '6 de']);
  });

  test('of windows before it was settled is corrected', async () => {
    const { asked, languages } = await languagesOf([
      ['nn', 0.4],
      ['de', 0.5],
      ...Array(4).fill(['de', 0.9]),
    ]);
    expect(asked.slice(0, 4)).toEqual(['1 auto', '2 auto', '3 auto', '1 de']);
    expect(languages).toEqual(Array(6).fill('de'));
  });

  test('may be another in a window of which the model is unsure, and from then on', async () => {
    const spokenIn = [['en', 0.9], ['en', 0.9], ...Array(4).fill(['zh', 0.9])] as [
      string,
      number,
    ][];
    const { languages, events } = await languagesOf(spokenIn);
    expect(languages).toEqual(['en', 'en', 'zh', 'zh', 'zh', 'zh']);
    expect(windowsOf(events).at(-1)?.checkpoint.language).toBe('zh');
    const transcript = toTranscript(windowsOf(events), { language: 'auto', task: 'transcribe' }, 0);
    expect(transcript.language).toBe('zh');
    expect(transcriptText(transcript)).toBe('w1 w2 w3 w4 w5 w6');
  });

  test('is not settled by what holds no words', async () => {
    const submit = submitTo((window) =>
      numberOf(window) < 3
        ? { ...spoken([], { language: 'cy' }), languageProbability: 0.9 }
        : { ...spoken([['ja', 0, 300]], { language: 'de' }), languageProbability: 0.9 },
    );
    const events = await transcribe(pcm, submit, { language: 'auto' });
    expect(windowsOf(events).at(-1)?.checkpoint.language).toBe('de');
  });
});
