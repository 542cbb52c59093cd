import { ScriptedEngine, type SpokenWord, spoken } from '../../src/engine/index.js';
import { jfkSamples } from './jfk-samples.js';

/** What he says in one breath, and from when to when, in milliseconds. */
const phrases = [
  ['And so my fellow Americans', 300, 2_250],
  ['ask not', 3_300, 4_400],
  ['what your country can do for you', 5_400, 7_700],
  ['ask what you can do for your country', 8_200, 10_500],
] as const;

const words = phrases.flatMap(([phrase, startMs, endMs]): SpokenWord[] => {
  const said = phrase.split(' ');
  const shareMs = (endMs - startMs) / said.length;
  return said.map((word, n) => [word, startMs + n * shareMs, startMs + (n + 1) * shareMs]);
});

const clip = Buffer.from(jfkSamples.buffer);

/** An engine that hears of the clip what the real one hears, at once on any machine. */
export function reciter(): ScriptedEngine {
  return new ScriptedEngine({
    script: ({ pcm }) => {
      // No two places of the clip are alike.
      const beginning = Buffer.from(pcm.buffer, pcm.byteOffset, 64);
      const fromMs = clip.indexOf(beginning) / 32;
      const toMs = fromMs + pcm.length / 16;
      const inIt = words.filter(([, startMs, endMs]) => startMs >= fromMs && endMs <= toMs);
      return spoken(
        inIt.map(([word, startMs, endMs]) => [
          word,
          Math.round(startMs - fromMs),
          Math.round(endMs - fromMs),
        ]),
      );
    },
  });
}
