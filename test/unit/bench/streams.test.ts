import { describe, expect, it } from 'vitest';
import { readAlignments } from '../../../bench/live/audio/alignments.mjs';
import { readManifest } from '../../../bench/live/audio/shared-audio.mjs';
import { Library } from '../../../bench/live/audio/streams.mjs';
import { words } from '../../../bench/live/measure/tokens.mjs';
import { sharedAudio } from '../../support/shared-audio.js';

const alignments = [...readAlignments()];

it('aligned words are in order', () => {
  expect(alignments.length).toBeGreaterThan(100);
  for (const [name, alignment] of alignments) {
    for (const [index, { startMs, endMs }] of alignment.entries()) {
      expect(endMs, name).toBeGreaterThan(startMs);
      // A frame may be shared by two words.
      const before = alignment[index - 1];
      if (before) expect(startMs, name).toBeGreaterThanOrEqual(before.endMs - 10);
    }
  }
});

describe.skipIf(!sharedAudio)('with the recordings', () => {
  it('references are aligned to their last word, within their audio', () => {
    const manifest = readManifest();
    for (const [name, alignment] of alignments) {
      const { text, seconds } = manifest.get(name) as { text: string; seconds: number };
      expect(alignment.map(({ token }) => token)).toEqual(words(text));
      expect(alignment.at(-1)?.endMs).toBeLessThanOrEqual(Math.ceil(seconds * 1000) + 10);
    }
  });

  it('a stream knows where its words are', async () => {
    const library = new Library();
    const { pcm, utterances, words: spoken } = await library.ofOneVoice('en', 0, 30);
    expect(utterances.length).toBeGreaterThan(1);
    for (const [index, { name, startMs, endMs }] of utterances.entries()) {
      const recording = await library.decode(name);
      const from = Math.round(startMs * 16);
      expect(sameSamples(pcm.subarray(from, from + recording.length), recording)).toBe(true);
      const ofIt = spoken.filter(({ utterance }) => utterance === index);
      expect(ofIt.every((word) => word.startMs >= startMs && word.endMs <= endMs + 10)).toBe(true);
      const pause = startMs - (utterances[index - 1]?.endMs ?? 0);
      if (index > 0) expect(pause).toBeGreaterThanOrEqual(799);
    }
  });

  it('streams of one index are the same, those of others are not', async () => {
    const library = new Library();
    const { pcm, ...first } = await library.ofOneVoice('en', 0, 20);
    const { pcm: again, ...second } = await new Library().ofOneVoice('en', 0, 20);
    expect(second).toEqual(first);
    expect(sameSamples(again, pcm)).toBe(true);
    const others = [await library.ofOneVoice('en', 1, 20), await library.ofOneVoice('en', 6, 20)];
    for (const other of others) expect(other.words).not.toEqual(first.words);
  });

  it('words of a long recording without an alignment keep their order', async () => {
    const { words: spoken } = await new Library().long('long-zh-dev', 60);
    expect(spoken.some(({ timed }) => !timed)).toBe(true);
    const starts = spoken.map(({ startMs }) => startMs);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
  });
});

/** Compares bytes: `toEqual` takes seconds for as many samples. */
function sameSamples(one: Int16Array, other: Int16Array): boolean {
  const bytesOf = ({ buffer, byteOffset, byteLength }: Int16Array) =>
    Buffer.from(buffer, byteOffset, byteLength);
  return bytesOf(one).equals(bytesOf(other));
}
