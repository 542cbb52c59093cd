import {
  concatPcm,
  type Decoder,
  frameSamples,
  type PackedWindow,
  type PackerOptions,
  type PackerStart,
  sampleRate,
  type VoiceActivity,
  WindowPacker,
} from '../audio/index.js';

/**
 * Audio before the start that voice activity hears first: a minute. After ten seconds its memory is nearly
 * what it would have been, but a cut may still come a frame earlier, and text with it.
 */
const warmUpSamples = 1_875 * frameSamples;
/** Silence after which it is worth telling how far reading has come. */
const silenceStep = 60 * sampleRate;

/** There is no speech before this sample that was not in a window. */
export interface Silence {
  readonly silentUntil: number;
}

export interface ReadOptions extends PackerOptions {
  readonly start: PackerStart;
  /** Called with the number of samples decoded so far; what it throws ends the reading. */
  readonly onDecoded: (samples: number) => void;
}

/**
 * Reads a recording window by window, and no further than it is asked to.
 * @throws GatewayError of the decoder or of voice activity.
 */
export async function* readWindows(
  decoder: Decoder,
  voiceActivity: VoiceActivity,
  { start, onDecoded, ...options }: ReadOptions,
): AsyncGenerator<PackedWindow | Silence> {
  const packer = new WindowPacker(options, start);
  let position = Math.max(0, start.at - warmUpSamples);
  let told = start.at;
  let rest: Int16Array = new Int16Array(0);
  for await (const piece of pieces(decoder.output, position, onDecoded)) {
    const frames = Math.floor(piece.length / frameSamples);
    rest = piece.subarray(frames * frameSamples);
    if (frames === 0) break;
    const whole = piece.subarray(0, frames * frameSamples);
    const probabilities = await voiceActivity.probabilities(whole);
    const skipped = Math.min(frames, Math.max(0, (start.at - position) / frameSamples));
    const heard = whole.subarray(skipped * frameSamples);
    for (const window of packer.write(heard, probabilities.subarray(skipped))) {
      told = window.next.at;
      yield window;
    }
    if (packer.settled - told >= silenceStep) {
      told = packer.settled;
      yield { silentUntil: told };
    }
    position += whole.length;
  }
  yield* packer.flush(rest);
}

/** The audio from sample `from` on, in pieces of whole frames; what is left comes last, and may be nothing. */
async function* pieces(
  output: AsyncIterable<Int16Array>,
  from: number,
  onDecoded: (samples: number) => void,
): AsyncGenerator<Int16Array> {
  let decodedSamples = 0;
  let held: Int16Array = new Int16Array(0);
  for await (const decoded of output) {
    const wanted = decoded.subarray(Math.max(0, from - decodedSamples));
    decodedSamples += decoded.length;
    onDecoded(decodedSamples);
    const audio = concatPcm([held, wanted]);
    const whole = audio.length - (audio.length % frameSamples);
    if (whole > 0) yield audio.subarray(0, whole);
    held = audio.subarray(whole);
  }
  yield held;
}
