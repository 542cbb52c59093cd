import { sampleRate } from '../audio/index.js';
import { GatewayError } from '../errors/index.js';
import { fullContextFrames } from './encoder-frames.js';
import type { AudioWindow } from './engine.js';

/** Longest window: what Whisper looks at in one go. */
const maxSamples = 30 * sampleRate;

/** Positions of the decoder. */
const maxTokensOfSegment = 448;

/** @throws GatewayError `invalid_argument` naming the first value that no engine could use. */
export function checkWindow({ pcm, options }: AudioWindow): void {
  const { language, audioContext, tail, beamSize, maxTokens } = options;
  const { temperature, temperatureIncrement } = options;
  check(pcm instanceof Int16Array, 'pcm has to be an Int16Array');
  check(pcm.length > 0 && pcm.length <= maxSamples, `pcm has to hold 1 … ${maxSamples} samples`);
  check(language !== '', 'language has to be a code, or auto');
  check(isInteger(audioContext, 0, fullContextFrames), `audioContext: 0 … ${fullContextFrames}`);
  if (tail) {
    check(audioContext === 0, 'a tail needs an audioContext of 0');
    check(isInteger(tail.dense, 0, fullContextFrames), `tail.dense: 0 … ${fullContextFrames}`);
    check(isInteger(tail.stride, 1, fullContextFrames), `tail.stride: 1 … ${fullContextFrames}`);
  }
  check(isInteger(beamSize, 1, 8), 'beamSize: 1 … 8');
  check(isInteger(maxTokens, 0, maxTokensOfSegment), `maxTokens: 0 … ${maxTokensOfSegment}`);
  check(isFraction(temperature), 'temperature: 0 … 1');
  check(isFraction(temperatureIncrement), 'temperatureIncrement: 0 … 1');
}

function check(holds: boolean, message: string): void {
  if (!holds) throw new GatewayError('invalid_argument', { message: `${message}.` });
}

function isInteger(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}

function isFraction(value: number): boolean {
  return value >= 0 && value <= 1;
}
