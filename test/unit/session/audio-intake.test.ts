import { describe, expect, test } from 'vitest';
import { type CreateDecoder, concatPcm, type Decoder } from '../../../src/audio/index.js';
import { PcmDecoder } from '../../../src/audio/pcm-decoder.js';
import { GatewayError } from '../../../src/errors/index.js';
import { AudioIntake, type PlacedAudio } from '../../../src/session/audio-intake.js';

const pcm = { format: 'pcm_s16le' };

function intake(createDecoder: CreateDecoder = async () => new PcmDecoder(), audio: object = pcm) {
  const warnings: string[] = [];
  const made = new AudioIntake({
    createDecoder,
    audio: audio as typeof pcm,
    maxEarlyAudioBytes: 1_000,
    warn: (_, message) => warnings.push(message),
    onDecoded: () => {},
  });
  return { intake: made, warnings };
}

/** Sample `i` is `i`, so that a lost, repeated or moved one is seen. */
const counting = Int16Array.from({ length: 16_000 }, (_, index) => index);
const bytes = new Uint8Array(counting.buffer);

async function readAll(from: AudioIntake): Promise<PlacedAudio[]> {
  const pieces: PlacedAudio[] = [];
  for await (const piece of from.output) pieces.push(piece);
  return pieces;
}
const samplesOf = (pieces: readonly PlacedAudio[]) =>
  concatPcm(pieces.map(({ samples }) => samples));

describe('AudioIntake', () => {
  test('bytes that come before the decoder is open are kept in order', async () => {
    const { intake: it } = intake();
    expect(it.write(bytes.subarray(0, 900))).toBe(true);
    expect(it.write(bytes.subarray(900, 2_000))).toBe(false);
    const drained = it.drained();
    await it.open();
    await drained;
    it.write(bytes.subarray(2_000));
    it.end();
    expect(samplesOf(await readAll(it))).toEqual(counting);
  });

  test.each([
    [pcm, 1_000, 31, 31 * 32],
    [pcm, 1_001, 31, 31 * 32],
    [{ ...pcm, sampleRate: 8_000, channels: 2 }, 1_000, 31, 31 * 32],
    [{ ...pcm, sampleRate: 44_100 }, 1_000, 11, 485 * 2],
    [{ format: 'mulaw', sampleRate: 8_000 }, 1_000, 125, 1_000],
    [{ format: 'webm' }, 1_001, null, 1_001],
  ])('of %j, cut off after %i bytes, a client goes on at %s ms, byte %i', (audio, sent, ms, at) => {
    const { intake: it } = intake(undefined, audio);
    it.write(bytes.subarray(0, sent));
    expect(it.goOn()).toEqual({ bytes: at, ms });
  });

  test('whatever is cut where, samples come once', async () => {
    const { intake: it } = intake();
    await it.open();
    let at = 0;
    for (const sent of [1, 33, 1_500, 4, 31, 7_777, 32]) {
      // Cut off again before anything new came, and in the middle of a sample.
      it.write(bytes.subarray(at, at + sent));
      at = it.goOn().bytes;
    }
    it.write(bytes.subarray(at));
    it.end();
    expect(samplesOf(await readAll(it))).toEqual(counting);
  });

  test('a new recording has a decoder of its own, and its place on the clock', async () => {
    const opened: Decoder[] = [];
    const { intake: it } = intake(async () => {
      const decoder = new PcmDecoder();
      opened.push(decoder);
      return decoder;
    });
    await it.open();
    it.write(bytes.subarray(0, 3_200));
    it.restart(500);
    it.write(bytes.subarray(0, 1_600));
    it.restart(200);
    it.write(bytes.subarray(0, 320));
    expect(it.goOn()).toEqual({ bytes: 320, ms: 210 });
    it.end();
    const pieces = await readAll(it);
    expect(pieces.map(({ start, samples }) => [start, samples.length])).toEqual([
      [0, 1_600],
      [8_000, 800],
      [3_200, 160],
    ]);
    expect(opened).toHaveLength(3);
  });

  test('a recording that was given up may be damaged, the last one may not', async () => {
    const broken = (): Decoder => ({
      write: () => true,
      drained: async () => {},
      end: () => {},
      close: async () => {},
      // biome-ignore lint/correctness/useYield: it fails before it gives anything.
      output: (async function* () {
        throw new GatewayError('not_audio');
      })(),
    });
    const { intake: it, warnings } = intake(async () => broken());
    await it.open();
    it.restart(100);
    await expect(readAll(it)).rejects.toMatchObject({ code: 'not_audio' });
    expect(warnings).toHaveLength(1);
  });

  test('a decoder that cannot be opened again is a failure of the audio', async () => {
    let opened = 0;
    const { intake: it } = intake(async () => {
      if (opened++ > 0) throw new GatewayError('decoder_crashed');
      return new PcmDecoder();
    });
    await it.open();
    it.restart(0);
    it.write(bytes);
    await expect(readAll(it)).rejects.toMatchObject({ code: 'decoder_crashed' });
    await it.drained();
  });

  test('closing ends a decoder that is still being opened, and whoever waits', async () => {
    let closed = 0;
    let letGo = () => {};
    const { intake: it } = intake(async () => {
      await new Promise<void>((resolve) => {
        letGo = resolve;
      });
      const decoder = new PcmDecoder();
      return Object.assign(decoder, {
        close: async () => {
          closed++;
        },
      });
    });
    const opening = it.open();
    const read = readAll(it);
    it.write(bytes);
    const drained = it.drained();
    await it.close();
    await drained;
    expect(await read).toEqual([]);
    letGo();
    await opening;
    expect(closed).toBe(1);
    expect(it.write(bytes)).toBe(true);
  });
});
