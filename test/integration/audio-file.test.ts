import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import installer from '@ffmpeg-installer/ffmpeg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AudioFile, type FfmpegOptions, storeStream } from '../../src/audio/index.js';
import { decodeFile, readAll } from '../support/decode.js';
import {
  ffmpegs,
  fixture,
  fixtureNames,
  fixturePath,
  newestFfmpeg,
} from '../support/decoder-fixtures.js';
import { withExternalData } from '../support/external-mp4.js';
import { jfkPath } from '../support/jfk.js';
import { childrenRunning } from '../support/processes.js';
import { readManifest, sharedAudio } from '../support/shared-audio.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const containers = fixtureNames.filter((name) => !/\.(s16|mulaw)$/.test(name));

function optionsFor(ffmpeg = newestFfmpeg): FfmpegOptions {
  return { ffmpeg, decoderStallMs: 20_000, log: { debug() {}, warn() {} } };
}

/** Opens a file; closed after the test. */
async function open(path: string, ffmpeg = newestFfmpeg): Promise<AudioFile> {
  const file = await AudioFile.open(path, optionsFor(ffmpeg));
  onTestFinished(() => file.close());
  return file;
}

/** All samples of a file, or of one of its channels. */
async function decode(path: string, ffmpeg = newestFfmpeg, channel: number | null = null) {
  return readAll((await open(path, ffmpeg)).decode(channel));
}

/** Encodes with the program that has every encoder needed here. */
function encode(args: readonly string[], path: string): string {
  execFileSync(installer.path, ['-v', 'error', ...args, '-y', `file:${path}`]);
  return path;
}

/** Mean energy between two times in seconds; what is missing at the end counts as silence. */
function energy(samples: Int16Array, from: number, to: number): number {
  const part = samples.subarray(from * 16_000, to * 16_000);
  return part.reduce((sum, sample) => sum + sample * sample, 0) / ((to - from) * 16_000);
}

describe.each(ffmpegs)('ffmpeg $version', (ffmpeg) => {
  test.each(containers)('decodes %s as in one go, whole', async (name) => {
    const expected = decodeFile(ffmpeg.path, fixturePath(name));
    const heard = await decode(fixturePath(name), ffmpeg);
    // Gaps in a container's clock are kept, so a file may be some samples longer.
    expect(Math.abs(heard.length - expected.length)).toBeLessThan(1_600);
    expect(energy(heard, 0, 4) / energy(expected, 0, 4)).toBeCloseTo(1, 2);
  });

  test('knows how long it is, and how many channels it has', async () => {
    const file = await open(fixturePath('stereo.mp3'), ffmpeg);
    expect(file.channels).toBe(2);
    expect(Math.abs((file.durationMs as number) - 3_000)).toBeLessThan(60);
  });

  test('a film whose sound begins late and whose index comes last: the words keep their times', async () => {
    const path = join(temporaryFolder(), 'film.mp4');
    const picture = ['-f', 'lavfi', '-i', 'testsrc=d=6:s=64x64:r=5'];
    const sound = ['-itsoffset', '2', '-t', '3', '-i', jfkPath];
    encode([...picture, ...sound, '-c:v', 'mpeg4', '-map', '0:v', '-map', '1:a'], path);
    const heard = await decode(path, ffmpeg);
    expect(heard.length / 16_000).toBeCloseTo(5, 1);
    expect(energy(heard, 0, 1.9)).toBe(0);
    expect(energy(heard, 2, 5)).toBeGreaterThan(1_000);
  });

  test('each channel by itself, or all of them mixed', async () => {
    const path = join(temporaryFolder(), 'three.wav');
    const tones = [1, 2, 3].map(
      (second) => `0.5*sin(2000*t)*between(t\\,${second - 1}\\,${second})`,
    );
    encode(['-f', 'lavfi', '-i', `aevalsrc=${tones.join('|')}:d=3:s=16000`], path);
    const file = await open(path, ffmpeg);
    expect(file.channels).toBe(3);
    for (const channel of [0, 1, 2]) {
      const heard = await readAll(file.decode(channel));
      const loud = [0, 1, 2].filter((second) => energy(heard, second + 0.1, second + 0.9) > 100);
      expect(loud).toEqual([channel]);
    }
    const mixed = await readAll(file.decode());
    for (const second of [0, 1])
      expect(energy(mixed, second + 0.1, second + 0.9)).toBeGreaterThan(100);
  });

  describe('what cannot be used has a code', () => {
    test.each([
      ['nothing', Buffer.alloc(0)],
      ['text', Buffer.from('This is no audio.\n'.repeat(200))],
      ['random bytes', Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * i * 31) % 251))],
      ['a header alone', fixture('16k.wav').subarray(0, 22)],
      ['an MP4 without its index', fixture('index-last.m4a').subarray(0, 9_000)],
    ])('%s: not_audio', async (_, bytes) => {
      const path = join(temporaryFolder(), 'broken');
      writeFileSync(path, bytes);
      await expect(open(path, ffmpeg)).rejects.toMatchObject({ code: 'not_audio' });
    });

    test('a film without sound: no_audio_track', async () => {
      const path = join(temporaryFolder(), 'silent.mp4');
      encode(['-f', 'lavfi', '-i', 'testsrc=d=1:s=64x64:r=5', '-c:v', 'mpeg4'], path);
      await expect(open(path, ffmpeg)).rejects.toMatchObject({ code: 'no_audio_track' });
    });

    test('a recording that breaks off gives what can be had', async () => {
      const path = join(temporaryFolder(), 'half.flac');
      const whole = fixture('stereo.flac');
      writeFileSync(path, whole.subarray(0, whole.length / 2));
      expect((await decode(path, ffmpeg)).length).toBeGreaterThan(16_000);
    });
  });

  describe('nothing else is read, whatever the file asks for', () => {
    /** Samples that ffmpeg decodes when nothing holds it back: what these tests must not see. */
    const unrestricted = (path: string, ...args: string[]) => {
      const input = ['-v', 'error', '-allowed_extensions', 'ALL', ...args, '-i', path];
      const output = ['-f', 's16le', '-ar', '16000', '-ac', '1', 'pipe:1'];
      // The option of playlists is unknown to scripts.
      const given = args.length > 0 ? ['-v', 'error', ...args, '-i', path] : input;
      return execFileSync(ffmpeg.path, [...given, ...output]).length / 2;
    };

    const playlist = (target: string) =>
      `#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n${target}\n#EXT-X-ENDLIST\n`;

    test('a playlist of a file', async () => {
      const path = join(temporaryFolder(), 'list.m3u8');
      writeFileSync(path, playlist(fixturePath('stream.ts')));
      expect(unrestricted(path)).toBeGreaterThan(40_000);
      await expect(open(path, ffmpeg)).rejects.toMatchObject({ code: 'not_audio' });
    });

    test('a playlist of an address: nobody calls there', async () => {
      let calls = 0;
      const server = createServer((_, response) => {
        calls++;
        response.end(fixture('stream.ts'));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void server.close());
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.ts`;
      for (const name of ['list.m3u8', 'list.mp3', 'list.mp4']) {
        const path = join(temporaryFolder(), name);
        writeFileSync(path, playlist(url));
        await expect(open(path, ffmpeg)).rejects.toMatchObject({ code: 'not_audio' });
      }
      expect(calls).toBe(0);
    });

    test.each(['list.ffconcat', 'list.wav'])('a concatenation script, named %s', async (name) => {
      const path = join(temporaryFolder(), name);
      writeFileSync(path, `ffconcat version 1.0\nfile '${fixturePath('16k.wav')}'\n`);
      expect(unrestricted(path, '-f', 'concat', '-safe', '0')).toBeGreaterThan(40_000);
      await expect(open(path, ffmpeg)).rejects.toMatchObject({ code: 'not_audio' });
    });

    test.each([false, true])('an MP4 that points elsewhere (data first: %s)', async (dataFirst) => {
      const path = join(temporaryFolder(), 'external.mp4');
      const target = fixturePath('index-last.m4a');
      writeFileSync(path, withExternalData(fixture('index-last.m4a'), target, dataFirst));
      const drefs = ['-enable_drefs', '1', '-use_absolute_path', '1'];
      expect(unrestricted(path, ...drefs)).toBeGreaterThan(40_000);
      // Either nothing can be looked at, or nothing is there.
      const heard = await decode(path, ffmpeg).catch((error) => error.code as string);
      expect(['not_audio', 0]).toContain(typeof heard === 'string' ? heard : heard.length);
    });
  });
});

describe('names', () => {
  test.each([
    'with space.wav',
    '-i.wav',
    '--help',
    'quote\'s and "quotes".wav',
    'new\nline.wav',
    'back\\slash.wav',
    'file:x.wav',
    'concat:a|b',
    'pipe:0',
    'http:evil.wav',
    'data:,x',
    'image%03d.wav',
    'glob*?[a].wav',
    'ünïcödé 汉字.wav',
    '$(touch pwned).wav',
  ])('%j are no more than names', async (name) => {
    const folder = temporaryFolder();
    const path = join(folder, name);
    copyFileSync(fixturePath('16k.wav'), path);
    expect((await decode(path)).length).toBe(48_000);
  });

  test('of what is no file: file_unreadable', async () => {
    const folder = temporaryFolder();
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    mkdirSync(join(folder, 'folder'));
    symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'));
    const names = [pipe, join(folder, 'folder'), join(folder, 'dangling'), '/dev/zero', 'nul\0l'];
    for (const name of [...names, join(folder, 'missing'), 'http://127.0.0.1:1/a.wav']) {
      await expect(open(name), name).rejects.toMatchObject({ code: 'file_unreadable' });
    }
  });

  test('may go once the file is open', async () => {
    const path = join(temporaryFolder(), 'gone.m4a');
    copyFileSync(fixturePath('index-last.m4a'), path);
    const file = await open(path);
    rmSync(path);
    expect((await readAll(file.decode())).length).toBeGreaterThan(47_000);
    expect((await readAll(file.decode())).length).toBeGreaterThan(47_000);
  });
});

describe('a stream', () => {
  test('is kept without a name until it is closed', async () => {
    const bytes = fixture('index-last.m4a');
    const pieces = Array.from({ length: 10 }, (_, i) =>
      bytes.subarray((i * bytes.length) / 10, ((i + 1) * bytes.length) / 10),
    );
    const handle = await storeStream(Readable.from(pieces));
    const file = await AudioFile.open(handle, optionsFor());
    expect((await readAll(file.decode())).length).toBeGreaterThan(47_000);
    await file.close();
    await expect(handle.stat()).rejects.toMatchObject({ code: 'EBADF' });
  });

  test('that is aborted is not kept', async () => {
    const controller = new AbortController();
    const endless = new Readable({ read() {} });
    const stored = storeStream(endless, controller.signal);
    endless.push(Buffer.alloc(100_000));
    controller.abort();
    await expect(stored).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('processes', () => {
  test('an aborted look leaves none', async () => {
    const controller = new AbortController();
    const opened = AudioFile.open(jfkPath, optionsFor(), controller.signal);
    controller.abort();
    await expect(opened).rejects.toMatchObject({ code: 'cancelled' });
    expect(childrenRunning('ffmpeg')).toEqual([]);
  });

  test('closing a file ends those that decode it, whether or not anybody reads', async () => {
    const path = encode(
      ['-f', 'lavfi', '-i', 'sine=d=3600:r=8000'],
      join(temporaryFolder(), 'hour.wav'),
    );
    const file = await open(path);
    const read = file.decode().output[Symbol.asyncIterator]();
    await read.next();
    file.decode(0);
    expect(childrenRunning('ffmpeg')).toHaveLength(2);
    await file.close();
    expect(childrenRunning('ffmpeg')).toEqual([]);
    for (let next = await read.next(); !next.done; ) next = await read.next();
  });
});

test.skipIf(!sharedAudio)(
  'every recording beside the repository, on the clock of its container',
  async () => {
    const entries = readManifest().filter(({ file }) => /^(codecs|jfk|odd|broken)\//.test(file));
    expect(entries.length).toBeGreaterThan(20);
    for (const { file, seconds } of entries) {
      const path = join(sharedAudio as string, file);
      const heard = await decode(path).catch((error) => error.code as string);
      if (typeof heard === 'string') {
        expect(file.startsWith('broken/'), file).toBe(true);
        expect(heard).toBe('not_audio');
      } else {
        expect(Math.abs(heard.length / 16_000 - seconds), file).toBeLessThan(0.1);
      }
    }
  },
);
