import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import installer from '@ffmpeg-installer/ffmpeg';
import pLimit from 'p-limit';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  AudioFile,
  type CreateVoiceActivity,
  type Decoder,
  frameSamples,
} from '../../src/audio/index.js';
import type { SubmitWindow } from '../../src/decoding/index.js';
import { spoken } from '../../src/engine/index.js';
import {
  type FinishedWindow,
  type RecordingEvent,
  type RecordingOptions,
  toTranscript,
  transcribeRecording,
} from '../../src/recording/index.js';
import { createScheduler } from '../../src/scheduler/index.js';
import { joinWords, transcriptText } from '../../src/transcript/index.js';
import { decodeFile } from '../support/decode.js';
import { newestFfmpeg } from '../support/decoder-fixtures.js';
import { jfkPath, jfkText } from '../support/jfk.js';
import { startVoiceActivity, startWorkerPool } from '../support/native-engine.js';
import { schedulerOptions } from '../support/scheduler-options.js';
import { type AudioEntry, readManifest, sharedAudio } from '../support/shared-audio.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { transcribeWhole } from '../support/transcribe-whole.js';
import { countErrors, pooledErrorRate } from '../support/word-error-rate.js';

const options: RecordingOptions = {
  id: 'test',
  channels: 'mixed',
  language: 'en',
  task: 'transcribe',
  prompt: '',
  hotwords: [],
  chineseScript: 'simplified',
  speechThreshold: 0.5,
  maxWindowMs: 28_000,
};

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Takes everything for speech: every window is full, and cut wherever that happens to be. */
const unceasing: CreateVoiceActivity = async () => ({
  probabilities: async (pcm) => new Float32Array(pcm.length / frameSamples).fill(0.9),
  close: async () => {},
});

async function open(path: string): Promise<AudioFile> {
  const log = { debug() {}, warn() {} };
  const file = await AudioFile.open(path, { ffmpeg: newestFfmpeg, decoderStallMs: 20_000, log });
  onTestFinished(() => file.close());
  return file;
}

/** The real thing: two slots of the embedded model behind the scheduler, and voice activity. */
async function startTranscriber() {
  const engine = await startWorkerPool({ slots: 2, threads: 1 });
  const voiceActivity = await startVoiceActivity();
  const scheduler = createScheduler({ ...schedulerOptions, engine });
  onTestFinished(() => scheduler.close());
  const submit: SubmitWindow = (window, signal) => scheduler.submit({ window, signal });
  return (path: string, given: Partial<RecordingOptions> = {}, create = voiceActivity.create) =>
    transcribe(path, { createVoiceActivity: create, submit, slots: () => engine.slots }, given);
}

async function transcribe(
  path: string,
  deps: Parameters<typeof transcribeRecording>[1],
  given: Partial<RecordingOptions>,
) {
  const events: RecordingEvent[] = [];
  const asked = { ...options, ...given };
  for await (const event of transcribeRecording(await open(path), deps, asked)) events.push(event);
  const windows = events.filter((event): event is FinishedWindow => event.kind === 'window');
  const transcript = toTranscript(windows, asked, 0);
  return { events, windows, transcript, text: transcriptText(transcript) };
}

/** The decoder, which calls `onEnd` when its last sample was read. */
function tellingItsEnd(decoder: Decoder, onEnd: () => void): Decoder {
  async function* output() {
    yield* decoder.output;
    onEnd();
  }
  const close = () => decoder.close();
  return { ...unwritten, output: output(), close };
}

/** What a decoder of a file is never asked for. */
const unwritten = { write: () => true, drained: async () => {}, end() {} };

/** The clip, over and over. */
function repeatClip(times: number): string {
  const path = join(temporaryFolder(), 'repeated.flac');
  const loop = ['-stream_loop', String(times - 1), '-i', jfkPath, '-ar', '16000', '-ac', '1'];
  execFileSync(installer.path, ['-v', 'error', ...loop, path]);
  return path;
}

test('a clip is transcribed in its language, with every word at its time', async () => {
  const run = await startTranscriber();
  const { windows, text, transcript } = await run(jfkPath, { language: 'auto' });
  expect(countErrors(jfkText, text).edits).toBeLessThanOrEqual(2);
  expect(transcript.language).toBe('en');
  // He says "country" twice: once before 7.5 s and once at the end, 10.5 s from the beginning.
  const times = windows.flatMap(({ words }) =>
    words.filter(({ word }) => /^country/.test(word)).map(({ startMs }) => startMs / 1_000),
  );
  expect(times).toHaveLength(2);
  expect(Math.abs((times[0] as number) - 5.7)).toBeLessThan(1);
  expect(Math.abs((times[1] as number) - 10.1)).toBeLessThan(0.7);
});

test('speech is translated where that is asked for', async () => {
  const run = await startTranscriber();
  const spanish = readManifest().find(({ file }) => file.includes('leopard_es'));
  if (!spanish) return;
  const { text, transcript } = await run(join(sharedAudio as string, spanish.file), {
    task: 'translate',
    language: 'auto',
  });
  expect(transcript).toMatchObject({ task: 'translate', language: 'es' });
  expect(text).toMatch(/\b(the|and|of|to)\b/i);
});

test('ten minutes and more: no more is in memory than the windows on their way', async () => {
  const path = sharedAudio ? join(sharedAudio, 'long/long-en-dev.flac') : repeatClip(56);
  const voiceActivity = await startVoiceActivity();
  const file = await open(path);
  const slots = 2;
  const held: (() => void)[] = [];
  let [most, longest, readOut] = [0, 0, false];
  // Answers as late as can be: only when no more is read before it does.
  const answer = () => {
    while (held.length > (readOut ? 0 : slots)) held.shift()?.();
  };
  const recording = {
    channels: 1,
    decode: () =>
      tellingItsEnd(file.decode(), () => {
        readOut = true;
        answer();
      }),
  };
  const submit: SubmitWindow = async ({ pcm }) => {
    const answered = new Promise<void>((resolve) => held.push(resolve));
    most = Math.max(most, held.length);
    longest = Math.max(longest, pcm.length);
    await setImmediate();
    answer();
    await answered;
    return spoken([['word', 0, 300]]);
  };
  const deps = { createVoiceActivity: voiceActivity.create, submit, slots: () => slots };
  let [windows, mostBytes, durationMs] = [0, 0, 0];
  collectGarbage();
  const bytesBefore = process.memoryUsage().arrayBuffers;
  for await (const event of transcribeRecording(recording, deps, options)) {
    if (event.kind === 'end') durationMs = event.durationMs;
    else windows++;
    collectGarbage();
    mostBytes = Math.max(mostBytes, process.memoryUsage().arrayBuffers - bytesBefore);
  }
  expect(durationMs).toBeGreaterThan(600_000);
  expect(windows).toBeGreaterThan(20);
  expect(most).toBe(slots + 1);
  expect(longest).toBeLessThanOrEqual(28 * 16_000);
  // All of it would be 20 MB more than three windows, their buffers and what was not yet collected.
  expect(mostBytes).toBeLessThan(14_000_000);
});

describe.skipIf(!sharedAudio)('recordings beside the repository', () => {
  const path = (file: string) => join(sharedAudio as string, file);
  const entriesIn = (...folders: string[]): AudioEntry[] =>
    readManifest().filter(({ file, text }) => text && folders.includes(file.split('/')[0] ?? ''));

  test('every codec: within a point of the word error rate of one pass over the whole', async () => {
    const run = await startTranscriber();
    const entries = entriesIn('codecs', 'odd');
    expect(entries.length).toBeGreaterThan(15);
    const pairs = { files: [] as Pair[], whole: [] as Pair[] };
    // Each takes one core, whichever way it is transcribed.
    await pLimit(2).map(entries, async ({ file, lang, text }) => {
      const reference = text as string;
      const language = lang ?? 'auto';
      pairs.files.push({ reference, heard: (await run(path(file), { id: file, language })).text });
      const pcm = Buffer.from(decodeFile(newestFfmpeg.path, path(file)).buffer);
      pairs.whole.push({ reference, heard: await transcribeWhole(pcm, language) });
    });
    expect(pooledErrorRate(pairs.files)).toBeLessThanOrEqual(pooledErrorRate(pairs.whole) + 0.01);
  }, 400_000);

  test('cut in the middle of words: within a point of cuts at pauses, nothing lost or doubled', async () => {
    const run = await startTranscriber();
    const pairs = { pauses: [] as Pair[], anywhere: [] as Pair[] };
    for (const { file, text } of entriesIn('misc', 'librivox-sonnets')) {
      const reference = text as string;
      const natural = await run(path(file));
      const forced = await run(path(file), {}, unceasing);
      pairs.pauses.push({ reference, heard: natural.text });
      pairs.anywhere.push({ reference, heard: forced.text });
      const seams = forced.windows.filter(({ checkpoint }) => checkpoint.overlap);
      expect(seams.length).toBeGreaterThan(0);
      for (const [index, { words }] of forced.windows.slice(0, -1).entries()) {
        const next = forced.windows[index + 1]?.words ?? [];
        expectJoined(reference, joinWords(words.slice(-4)), joinWords(next.slice(0, 4)));
      }
    }
    expect(pooledErrorRate(pairs.anywhere)).toBeLessThanOrEqual(
      pooledErrorRate(pairs.pauses) + 0.01,
    );
  }, 400_000);

  test('eight channels, one after the other', async () => {
    const run = await startTranscriber();
    const { transcript } = await run(path('odd/8_Channel_ID.m4a'), { channels: 'split' });
    const said = transcript.segments.map(({ channel, text }) => `${channel} ${text.toLowerCase()}`);
    expect(said.join('\n')).toMatch(/0 .*front left.*\n1 .*front right.*\n[\s\S]*4 .*back left/);
  });
});

interface Pair {
  readonly reference: string;
  readonly heard: string;
}

/** Expects a seam to be as somebody said it: the words on both sides stand together in the reference. */
function expectJoined(reference: string, before: string, after: string): void {
  const length = `${before} ${after}`.split(' ').length;
  const all = reference.split(/\s+/);
  const best = Math.min(
    ...all.map((_, start) => {
      const said = all.slice(start, start + length).join(' ');
      return countErrors(said, `${before} ${after}`).edits;
    }),
  );
  expect(best, `${before} | ${after}`).toBeLessThanOrEqual(2);
}
