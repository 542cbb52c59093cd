import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { decodeAll, decodeFile, samplesOf } from '../support/decode.js';
import {
  factory,
  ffmpegs,
  fixture,
  fixtureNames,
  fixturePath,
} from '../support/decoder-fixtures.js';
import { withExternalData } from '../support/external-mp4.js';
import { readManifest, sharedAudio } from '../support/shared-audio.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** MP3 is padded at its end, which ffmpeg cuts off only where it can look ahead: 26 ms at 44.1 kHz. */
const paddingSamples = 420;

const containerNames = fixtureNames.filter((name) => !/\.(s16|mulaw)$/.test(name));

/** Expects `heard` to be `expected`, give or take the padding. */
function expectSamples(heard: Int16Array, expected: Int16Array): void {
  expect(Math.abs(heard.length - expected.length)).toBeLessThanOrEqual(paddingSamples);
  const common = Math.min(heard.length, expected.length) - paddingSamples;
  let largest = 0;
  for (let i = 0; i < common; i++) {
    largest = Math.max(largest, Math.abs((heard[i] as number) - (expected[i] as number)));
  }
  expect(largest).toBeLessThanOrEqual(2);
}

describe.each(ffmpegs)('ffmpeg $version', (ffmpeg) => {
  const create = factory({ ffmpeg });

  describe('gives what one go gives, however the bytes are cut', () => {
    test.each(containerNames)('%s', async (name) => {
      const expected = decodeFile(ffmpeg.path, fixturePath(name));
      expect(expected.length).toBeGreaterThan(47_000);
      const heard = await decodeAll(await create(), fixture(name), 65_536);
      expectSamples(heard, expected);
      for (const slice of [97, 1_024]) {
        expect(await decodeAll(await create(), fixture(name), slice)).toEqual(heard);
      }
    });

    test('a file that is named by its client', async () => {
      for (const format of ['webm', 'ogg', 'mp3', 'flac', 'aac', 'm4a', 'wav'] as const) {
        const name = fixtureNames.find((it) => it.endsWith(format));
        if (!name) throw new Error(`no fixture for ${format}`);
        const heard = await decodeAll(await create(format), fixture(name), 1_024);
        expectSamples(heard, decodeFile(ffmpeg.path, fixturePath(name)));
      }
    });

    test.skipIf(!sharedAudio)(
      'every recording beside the repository',
      async () => {
        const entries = readManifest().filter(({ file }) => /^(codecs|jfk|odd)\//.test(file));
        expect(entries.length).toBeGreaterThan(20);
        for (const { file, seconds } of entries) {
          const path = join(sharedAudio as string, file);
          const bytes = readFileSync(path);
          const frame = Math.ceil((bytes.length / seconds) * 0.02);
          const heard = await decodeAll(await create(), bytes, 65_536);
          expectSamples(heard, decodeFile(ffmpeg.path, path));
          expect(await decodeAll(await create(), bytes, frame), file).toEqual(heard);
        }
      },
      600_000,
    );
  });

  describe('live: of a first second of bytes, half a second is heard before more comes', () => {
    const live = [
      ['auto', 'voice.webm'],
      ['auto', 'voice.ogg'],
      ['auto', 'fragments.mp4'],
      ['auto', '16k.wav'],
      ['auto', '24bit-stereo.wav'],
      ['auto', 'mulaw.wav'],
      ['auto', 'stereo.mp3'],
      ['mp3', 'stereo.mp3'],
      ['aac', 'adts.aac'],
      [{ format: 'pcm_s16le', sampleRate: 48_000 }, '48k.s16'],
      [{ format: 'mulaw', sampleRate: 8_000 }, '8k.mulaw'],
    ] as const;

    test.each(live)('%o %s', async (format, name) => {
      const bytes = fixture(name);
      const decoder = await create(format);
      onTestFinished(() => decoder.close());
      decoder.write(bytes.subarray(0, bytes.length / 3));
      let heard = 0;
      for await (const samples of decoder.output) {
        heard += samples.length;
        if (heard >= 8_000) break;
      }
      expect(heard).toBeGreaterThanOrEqual(8_000);
    });
  });

  describe('raw formats', () => {
    const rates = [
      ['pcm_s16le', 's16le', 48_000, 1],
      ['pcm_s16le', 's16le', 16_000, 2],
      ['pcm_f32le', 'f32le', 16_000, 1],
      ['mulaw', 'mulaw', 8_000, 1],
      ['alaw', 'alaw', 8_000, 1],
      ['pcm_s16le', 's16le', 8_000, 8],
    ] as const;

    test.each(rates)('%s (%s) at %i Hz with %i channels', async (format, muxer, rate, channels) => {
      const output = ['-f', muxer, '-ar', String(rate), '-ac', String(channels), 'pipe:1'];
      const wav = fixturePath('16k.wav');
      const bytes = execFileSync(ffmpeg.path, ['-v', 'error', '-i', wav, ...output]);
      const heard = await decodeAll(
        await create({ format, sampleRate: rate, channels }),
        bytes,
        1_001,
      );
      const original = decodeFile(ffmpeg.path, wav);
      expect(Math.abs(heard.length - original.length)).toBeLessThanOrEqual(2);
      expect(correlation(heard, original)).toBeGreaterThan(0.95);
    });

    test.each([1, 2, 3, 4, 5, 6, 7, 8])('%i channels are mixed to one', async (channels) => {
      const frames = 16_000;
      const bytes = Buffer.from(new Int16Array(frames * channels).fill(8_000).buffer);
      const decoder = await create({ format: 'pcm_s16le', sampleRate: 32_000, channels });
      const heard = await decodeAll(decoder, bytes);
      expect(Math.abs(heard.length - frames / 2)).toBeLessThanOrEqual(16);
      // The middle, where the resampler is neither beginning nor ending.
      expect(heard[4_000]).toBeGreaterThan(6_000);
      expect(heard[4_000]).toBeLessThan(10_000);
    });
  });

  describe('what is not audio', () => {
    test.each([
      [
        'text',
        Buffer.from('You shall know the truth, and the truth shall make you odd.\n'.repeat(99)),
      ],
      ['a few bytes', Buffer.from('abc')],
      ['zeros', Buffer.alloc(100_000)],
      ['half a WAV header', Buffer.from('RIFF\x24\x00\x00\x00WAVEfmt \x10\x00', 'latin1')],
      ['JSON', Buffer.from(JSON.stringify({ audio: 'none' }))],
    ])('%s is refused', async (_, bytes) => {
      await expect(create().then((it) => decodeAll(it, bytes))).rejects.toMatchObject({
        code: 'not_audio',
      });
    });

    test('nothing at all is an empty transcript', async () => {
      for (const format of ['auto', 'webm', 'm4a', 'pcm_s16le']) {
        expect(await decodeAll(await create(format), Buffer.alloc(0))).toHaveLength(0);
      }
    });

    test('a WAV header without samples is an empty transcript', async () => {
      for (const name of ['16k.wav', '24bit-stereo.wav'] as const) {
        const wav = fixture(name);
        const header = wav.subarray(0, wav.indexOf('data') + 8);
        expect(await decodeAll(await create(), header)).toHaveLength(0);
      }
    });

    test.skipIf(!sharedAudio)('the broken recordings are refused or empty', async () => {
      const heard = readManifest()
        .filter(({ kind }) => kind === 'broken')
        .map(async ({ file }) =>
          decodeAll(await create(), readFileSync(join(sharedAudio as string, file))).then(
            (samples) => samples.length,
            ({ code }) => code,
          ),
        );
      expect(await Promise.all(heard)).toEqual([0, 'not_audio', 0]);
    });
  });

  describe('a damaged recording gives what can be had', () => {
    test.each(['voice.webm', 'voice.ogg', 'stereo.mp3', 'stereo.flac', 'fragments.mp4'] as const)(
      '%s without its end',
      async (name) => {
        const whole = decodeFile(ffmpeg.path, fixturePath(name));
        const bytes = fixture(name);
        const heard = await decodeAll(
          await create(),
          bytes.subarray(0, Math.floor(bytes.length * 0.6)),
        );
        expect(heard.length).toBeGreaterThan(whole.length * 0.3);
        expectSamples(heard, whole.subarray(0, heard.length));
      },
    );

    test('an MP4 that lost its index cannot be decoded', async () => {
      const bytes = fixture('index-last.m4a');
      const cut = bytes.subarray(0, bytes.length - 2_000);
      await expect(create().then((it) => decodeAll(it, cut))).rejects.toMatchObject({
        code: 'not_audio',
      });
    });

    test('noise in the middle', async () => {
      const bytes = fixture('voice.webm');
      bytes.fill(0xa5, bytes.length / 2, bytes.length / 2 + 300);
      const heard = await decodeAll(await create(), bytes);
      expect(heard.length).toBeGreaterThan(16_000);
    });
  });

  describe('nothing else is read, whatever the input asks for', () => {
    /** Samples that an ffmpeg without our restrictions gets from a file: the danger is real. */
    function unrestricted(path: string, ...options: string[]): number {
      return samplesOf(
        execFileSync(ffmpeg.path, ['-v', 'quiet', ...options, '-i', path, '-f', 's16le', 'pipe:1']),
      ).length;
    }

    const playlist = (target: string) =>
      `#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n${target}\n#EXT-X-ENDLIST\n`;

    test('a playlist', async () => {
      const target = fixturePath('stream.ts');
      const path = join(temporaryFolder(), 'list.m3u8');
      writeFileSync(path, playlist(target));
      expect(unrestricted(path)).toBeGreaterThan(40_000);
      for (const text of [
        playlist(target),
        playlist(`file://${target}`),
        playlist('/etc/passwd'),
      ]) {
        await expect(create().then((it) => decodeAll(it, Buffer.from(text)))).rejects.toMatchObject(
          {
            code: 'not_audio',
          },
        );
      }
    });

    test('a concatenation script', async () => {
      const text = `ffconcat version 1.0\nfile '${fixturePath('16k.wav')}'\n`;
      const path = join(temporaryFolder(), 'list.ffconcat');
      writeFileSync(path, text);
      expect(unrestricted(path, '-safe', '0')).toBeGreaterThan(40_000);
      await expect(create().then((it) => decodeAll(it, Buffer.from(text)))).rejects.toMatchObject({
        code: 'not_audio',
      });
    });

    test('a session description', async () => {
      const text =
        'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n';
      await expect(create().then((it) => decodeAll(it, Buffer.from(text)))).rejects.toMatchObject({
        code: 'not_audio',
      });
    });

    test.each([false, true])(
      'an MP4 that points to another file (data first: %s)',
      async (dataFirst) => {
        const target = fixturePath('index-last.m4a');
        const mp4 = withExternalData(fixture('index-last.m4a'), target, dataFirst);
        const path = join(temporaryFolder(), 'external.mp4');
        writeFileSync(path, mp4);
        expect(unrestricted(path, '-enable_drefs', '1', '-use_absolute_path', '1')).toBeGreaterThan(
          40_000,
        );
        expect(await decodeAll(await create(), mp4)).toHaveLength(0);
      },
    );
  });

  test('small writes that are collected first decode to the same', async () => {
    const collecting = factory({ ffmpeg, minChunkBytes: 5_000 });
    const expected = await decodeAll(await create(), fixture('voice.webm'));
    expect(await decodeAll(await collecting(), fixture('voice.webm'), 300)).toEqual(expected);
  });
});

/** Similarity of two recordings, from −1 to 1. */
function correlation(a: Int16Array, b: Int16Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / Math.sqrt(aa * bb);
}
