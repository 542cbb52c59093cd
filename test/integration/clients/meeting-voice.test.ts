import { expect, onTestFinished, test } from 'vitest';
import { createClient, type Final } from '../../../clients/js/src/index.js';
import { Voice } from '../../../clients/meeting-bot/src/voice.js';
import { ScriptedEngine, spokenThrough } from '../../../src/engine/index.js';
import { jfkAs, jfkText } from '../../support/jfk.js';
import { startGateway } from '../../support/start-gateway.js';
import { countErrors } from '../../support/word-error-rate.js';

const blockMs = 96;
const samplesPerMs = 16;

test('who says nothing takes no place, and a voice lies where it was heard', async () => {
  const gateway = await startGateway();
  const { voice, heard, started } = open(gateway.url);
  const speech = await jfkSamples();
  silence(voice, 0, 20_000);
  expect(voice.isOpen).toBe(false);
  const end = play(voice, speech, 20_000);
  silence(voice, end, 2_000);
  await voice.stop();
  expect(started()).toBe(1);
  const text = heard.map(({ final }) => final.text).join(' ');
  expect(countErrors(jfkText, text).edits, text).toBeLessThanOrEqual(1);
  const first = heard[0];
  const startMs = (first?.offsetMs ?? 0) + (first?.final.start_ms ?? 0);
  // He begins within the clip's first half second.
  expect(startMs).toBeGreaterThan(19_900);
  expect(startMs).toBeLessThan(20_700);
});

test('a hole is silence, and after a long one a new session lies where it belongs', async () => {
  const gateway = await startGateway();
  const { voice, heard, started, lost } = open(gateway.url);
  const speech = await jfkSamples();
  const half = speech.subarray(0, speech.length / 2);
  play(voice, half, 0);
  play(voice, half, 9_000);
  play(voice, half, 40_000);
  await voice.stop();
  expect(started()).toBe(2);
  const starts = heard.map(({ offsetMs, final }) => offsetMs + final.start_ms);
  expect(starts.some((ms) => ms > 8_900 && ms < 12_000)).toBe(true);
  // The first session may come to its end behind the second one.
  expect(Math.max(...starts)).toBeGreaterThan(39_900);
  expect(lost.splice(0)).toEqual([
    [5_500, 9_000],
    [14_500, 40_000],
  ]);
});

test('a new name and a long silence end a session; what was said is kept', async () => {
  const gateway = await startGateway({}, { engine: sayingHello() });
  const { voice, heard, started } = open(gateway.url);
  const speech = await jfkSamples();
  let at = play(voice, speech, 0);
  voice.rename('Anna Bell');
  at = play(voice, speech, at);
  at = silence(voice, at, 70_000);
  await expect.poll(() => voice.isOpen, { timeout: 30_000 }).toBe(false);
  play(voice, speech, at);
  await voice.stop();
  expect(started()).toBe(3);
  expect([...new Set(heard.map(({ speaker }) => speaker))]).toEqual(['Anna', 'Anna Bell']);
});

test('a gateway that is not there yet has every word when it is', async () => {
  const first = await startGateway();
  const { port } = new URL(first.url);
  await first.close();
  const { voice, heard, problems } = open(first.url);
  play(voice, await jfkSamples(), 0);
  await expect.poll(() => problems.length).toBeGreaterThan(0);
  await startGateway({ port: Number(port) });
  await voice.stop();
  const text = heard.map(({ final }) => final.text).join(' ');
  expect(countErrors(jfkText, text).edits, text).toBeLessThanOrEqual(1);
  // It was tried again and again until it was there.
  expect([...new Set(problems)]).toEqual(['connection_failed', null]);
  expect(problems.at(-1)).toBeNull();
});

function open(url: string) {
  const heard: { speaker: string; offsetMs: number; final: Final }[] = [];
  const problems: (string | null)[] = [];
  const lost: [startMs: number, endMs: number][] = [];
  const sessions = new Set<string>();
  const voice = new Voice(
    createClient({ url }),
    { language: 'en' },
    'Anna',
    {
      final: (speaker, offsetMs, final) => {
        sessions.add(final.session_id);
        heard.push({ speaker, offsetMs, final });
      },
      lost: (_, startMs, endMs) => lost.push([Math.round(startMs), Math.round(endMs)]),
      connection: (_, problem) => problems.push(problem?.code ?? null),
    },
    () => true,
  );
  onTestFinished(() => {
    voice.close();
    expect(lost).toEqual([]);
  });
  return { voice, heard, problems, lost, started: () => sessions.size };
}

/** As a page gives it, one block after the other. @returns Where it ends. */
function play(voice: Voice, samples: Int16Array, fromMs: number): number {
  const blockSamples = blockMs * samplesPerMs;
  for (let at = 0; at < samples.length; at += blockSamples) {
    const block = samples.slice(at, at + blockSamples);
    voice.push({ atMs: fromMs + at / samplesPerMs, samples: block });
  }
  return fromMs + samples.length / samplesPerMs;
}

function silence(voice: Voice, fromMs: number, ms: number): number {
  return play(voice, new Int16Array(ms * samplesPerMs), fromMs);
}

async function jfkSamples(): Promise<Int16Array> {
  const bytes = await jfkAs();
  return new Int16Array(new Uint8Array(bytes).buffer);
}

function sayingHello(): ScriptedEngine {
  return new ScriptedEngine({ script: (window) => spokenThrough(window, 'hello') });
}
