import { type Decoder, frameSamples, type VoiceActivity } from '../../../src/audio/index.js';
import { PcmDecoder } from '../../../src/audio/pcm-decoder.js';
import { type AudioWindow, type Hypothesis, spoken } from '../../../src/engine/index.js';
import type { Recording, RecordingOptions } from '../../../src/recording/index.js';

/** A word and how long it is spoken; an empty one is a pause. */
export type Said = readonly [word: string, frames: number];

/**
 * Audio in which every sample of the word number `n` has the value `n`, and every sample of a pause has 0: a
 * script can hear in a window what was said where, and which words the window cuts off.
 */
export function speak(said: readonly Said[]): { pcm: Int16Array; words: string[] } {
  const words = said.map(([word]) => word).filter(Boolean);
  const frames = said.reduce((sum, [, count]) => sum + count, 0);
  const pcm = new Int16Array(frames * frameSamples);
  let at = 0;
  let number = 0;
  for (const [word, count] of said) {
    if (word) pcm.fill(++number, at, at + count * frameSamples);
    at += count * frameSamples;
  }
  return { pcm, words };
}

/** What an engine hears in such a window: words that it cuts off are misheard. */
export function hear(
  window: AudioWindow,
  words: readonly string[],
  options: { language?: string; probability?: number } = {},
): Hypothesis {
  const heard: [string, number, number][] = [];
  const { pcm } = window;
  for (let start = 0; start < pcm.length; ) {
    const number = pcm[start] as number;
    let end = start;
    while (end < pcm.length && pcm[end] === number) end++;
    const cutOff = start === 0 || end === pcm.length;
    if (number > 0) {
      heard.push([cutOff ? 'mumble' : (words[number - 1] as string), start / 16, end / 16]);
    }
    start = end;
  }
  return spoken(heard, options);
}

/** Speech wherever samples are not 0. */
export function createVoiceActivity(): Promise<VoiceActivity> {
  return Promise.resolve({
    async probabilities(pcm: Int16Array) {
      return Float32Array.from({ length: pcm.length / frameSamples }, (_, frame) =>
        pcm[frame * frameSamples] ? 0.9 : 0.1,
      );
    },
    async close() {},
  });
}

/** A recording of these samples, one array a channel, and the decoders that were opened. */
export function recordingOf(...channels: Int16Array[]): Recording & { decoders: Decoder[] } {
  const decoders: Decoder[] = [];
  return {
    channels: channels.length,
    decoders,
    decode(channel) {
      const pcm = channels[channel ?? 0] as Int16Array;
      const decoder = new PcmDecoder();
      // In pieces that end inside of frames, as a pipe delivers them.
      for (let at = 0; at < pcm.length; at += 20_001) {
        decoder.write(new Uint8Array(pcm.slice(at, at + 20_001).buffer));
      }
      decoder.end();
      decoders.push(decoder);
      return decoder;
    },
  };
}

export const options: RecordingOptions = {
  id: 'a',
  channels: 'mixed',
  language: 'en',
  task: 'transcribe',
  prompt: '',
  hotwords: [],
  chineseScript: 'simplified',
  speechThreshold: 0.5,
  maxWindowMs: 28_000,
};
