import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import {
  loadAddon,
  type NativeModel,
  type NativeParams,
  type NativeResult,
} from '../../src/engine/native-binding.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The addon under test. The sanitizer run names its own build. */
export const addonPath = process.env.NATIVE_ADDON ?? `${root}build/cpu/whisper_gateway.node`;
export const addon = loadAddon(addonPath);

export const modelPath = `${root}models/ggml-base-q8_0.bin`;
export const voiceActivityPath = `${root}models/ggml-silero-v6.2.3.bin`;

/** Sanitizers make everything some ten times slower: tests that only repeat more are left out. */
export const sanitized = process.env.NATIVE_ADDON !== undefined;

/** Eleven seconds of clean English speech, in the public domain; comes with whisper.cpp. */
export const speech: Float32Array = decode(
  `${root}node_modules/nodejs-whisper/cpp/whisper.cpp/samples/jfk.mp3`,
);
export const speechText =
  'and so my fellow americans ask not what your country can do for you ask what you can do for your country';

export const params: NativeParams = {
  language: 'en',
  translate: false,
  prompt: '',
  threads: 1,
  audioContext: 0,
  tail: null,
  beamSize: 1,
  bestOf: 1,
  temperature: 0,
  temperatureIncrement: 0,
  entropyThreshold: 2.4,
  logprobThreshold: -1,
  noSpeechThreshold: 0.6,
  maxTokens: 0,
  singleSegment: false,
  suppressNonSpeech: true,
  wordTimestamps: true,
  yielding: false,
  alignWords: false,
};

/** Parameters with the context cut to the window, as the gateway decodes on CPUs. */
export function cutTo(pcm: Float32Array): NativeParams {
  return { ...params, audioContext: Math.min(1500, Math.ceil(pcm.length / 320) + 128) };
}

/** A full context whose silence is compressed, as the gateway decodes what is not said yet. */
export const tailed: NativeParams = { ...params, tail: { dense: 16, stride: 32 } };

export function loadModel(flashAttention = false): Promise<NativeModel> {
  return addon.loadModel({ path: modelPath, gpu: null, flashAttention });
}

/** Words in lower case without punctuation. */
export function wordsOf(result: NativeResult): string {
  const text = result.segments.map((segment) => segment.text).join(' ');
  return text
    .toLowerCase()
    .replace(/[^a-z' ]/g, '')
    .trim()
    .replace(/ +/g, ' ');
}

/** What a result says and how sure it is, without times of the clock. */
export function contentOf(result: NativeResult): unknown {
  const { encodeMs: _, decodeMs: __, alignMs: ___, ...content } = result;
  return content;
}

/** Seconds of the speech, from its start. */
export function firstSeconds(seconds: number): Float32Array {
  return speech.subarray(0, seconds * 16_000);
}

/** Expects the promise to reject with this code, and the message to be a sentence. */
export async function expectCode(promise: Promise<unknown>, code: string): Promise<void> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ code, message: expect.stringMatching(/\S/) });
}

/** Any audio file as 16 kHz mono samples. */
export function decode(file: string): Float32Array {
  const args = ['-v', 'error', '-i', file, '-f', 'f32le', '-ac', '1', '-ar', '16000', '-'];
  const bytes = execFileSync(ffmpegPath(), args, { maxBuffer: 2 ** 28 });
  return new Float32Array(new Uint8Array(bytes).buffer);
}

function ffmpegPath(): string {
  if (process.env.FFMPEG_PATH) return process.env.FFMPEG_PATH;
  if (existsSync('/usr/bin/ffmpeg')) return '/usr/bin/ffmpeg';
  const installer = createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg') as { path: string };
  return installer.path;
}
