import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ffmpegArguments } from '../../src/audio/ffmpeg-arguments.js';
import type { Decoder } from '../../src/audio/index.js';
import { decodeAll, decodeFile, readAll, writeAll } from '../support/decode.js';
import {
  factory,
  newestFfmpeg as ffmpeg,
  ffmpegs,
  fixture,
  fixturePath,
} from '../support/decoder-fixtures.js';
import { childrenRunning, isRunning } from '../support/processes.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const ogg = fixture('voice.ogg');

/** A second of silence in stereo, so that ffmpeg has to be asked. */
const stereoSecond = Buffer.alloc(64_000);
const stereo = { format: 'pcm_s16le', channels: 2 };

/** A decoder with its only child; closed after the test. */
async function start(decoder: Promise<Decoder>): Promise<{ decoder: Decoder; pid: number }> {
  const opened = await decoder;
  onTestFinished(() => opened.close());
  const pids = childrenRunning(ffmpeg.path);
  expect(pids).toHaveLength(1);
  return { decoder: opened, pid: pids[0] as number };
}

async function drain(output: AsyncIterator<Int16Array>): Promise<void> {
  while (!(await output.next()).done);
}

/** Stands in for ffmpeg, with the same arguments and pipes. */
function script(lines: string) {
  const path = join(temporaryFolder(), 'ffmpeg');
  writeFileSync(path, `#!/bin/sh\n${lines}\n`);
  chmodSync(path, 0o755);
  return { path, version: 'script' };
}

describe('close', () => {
  test('in the middle of a stream leaves no process, not even a dead one', async () => {
    const { decoder, pid } = await start(factory()('ogg'));
    const reading = readAll(decoder);
    decoder.write(ogg.subarray(0, ogg.length / 2));
    await Promise.all([decoder.close(), decoder.close()]);
    expect(isRunning(pid)).toBe(false);
    expect((await reading).length).toBeLessThan(48_000);
    await decoder.close();
    expect(decoder.write(ogg)).toBe(true);
    await decoder.drained();
    decoder.end();
  });

  test('before anything was written or read leaves no process', async () => {
    const { decoder, pid } = await start(factory()('webm'));
    await decoder.close();
    expect(isRunning(pid)).toBe(false);
    expect(await readAll(decoder)).toHaveLength(0);
  });

  test('while the output is full and the input as well leaves no process', async () => {
    const { decoder, pid } = await start(factory()(stereo));
    const writing = writeAll(decoder, Buffer.alloc(20_000_000));
    await expect.poll(() => decoder.write(stereoSecond)).toBe(false);
    await decoder.close();
    await writing;
    expect(isRunning(pid)).toBe(false);
  });

  test('kills a child that does not listen', async () => {
    const { decoder, pid } = await start(factory()('ogg'));
    process.kill(pid, 'SIGSTOP');
    await decoder.close();
    expect(isRunning(pid)).toBe(false);
  });

  test('while first bytes are awaited, or collected, is at once', async () => {
    const empty = await factory()();
    await empty.close();
    expect(await readAll(empty)).toHaveLength(0);

    const collecting = await factory()();
    collecting.write(fixture('index-last.m4a'));
    const reading = readAll(collecting);
    await collecting.close();
    expect(await reading).toHaveLength(0);
    collecting.end();
    expect(childrenRunning(ffmpeg.path)).toEqual([]);
  });
});

describe('creation', () => {
  test('that is aborted leaves no process and rejects with the reason', async () => {
    const reason = new Error('the socket is gone');
    await expect(factory()('webm', AbortSignal.abort(reason))).rejects.toBe(reason);

    const controller = new AbortController();
    const creating = factory()('webm', controller.signal);
    controller.abort(reason);
    await expect(creating).rejects.toBe(reason);
    expect(childrenRunning(ffmpeg.path)).toEqual([]);
  });

  test('without a working program rejects, or fails the output where the program is needed later', async () => {
    const create = factory({ ffmpeg: { path: '/nowhere/ffmpeg', version: 'none' } });
    await expect(create('webm')).rejects.toMatchObject({ code: 'decoder_crashed' });
    await expect(create().then((it) => decodeAll(it, ogg))).rejects.toMatchObject({
      code: 'decoder_crashed',
    });
  });

  test('of 16 kHz mono samples needs no process', async () => {
    const create = factory({ ffmpeg: { path: '/nowhere/ffmpeg', version: 'none' } });
    const wav = fixture('16k.wav');
    const samples = wav.subarray(wav.indexOf('data') + 8);
    const expected = decodeFile(ffmpeg.path, fixturePath('16k.wav'));
    expect(await decodeAll(await create('pcm_s16le'), samples, 333)).toEqual(expected);
    expect(await decodeAll(await create(), wav, 333)).toEqual(expected);
    const withTrailer = Buffer.concat([wav, Buffer.from('LIST\x04\x00\x00\x00abcd', 'latin1')]);
    withTrailer.writeUInt32LE(samples.length, wav.indexOf('data') + 4);
    expect(await decodeAll(await create(), withTrailer, 333)).toEqual(expected);
  });

  test('counts its children', async () => {
    const changes: number[] = [];
    const create = factory({ onChild: (change) => changes.push(change) });
    const { decoder } = await start(create('ogg'));
    expect(changes).toEqual([1]);
    await decodeAll(decoder, ogg);
    expect(changes).toEqual([1, -1]);
  });

  test('gives ffmpeg an empty environment', async () => {
    vi.stubEnv('WHISPER_GATEWAY_SECRET', 'leaked');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const create = factory({ ffmpeg: script('/usr/bin/env >&2; cat >/dev/null; exit 1') });
    const error = await create('webm')
      .then((it) => decodeAll(it, ogg))
      .catch((it) => it);
    expect(error.cause).toContain('PWD=');
    expect(error.cause).not.toContain('leaked');
  });
});

describe('a child that ends', () => {
  test('by a signal is a crash; writers go on, and what they write is discarded', async () => {
    const { decoder, pid } = await start(factory()(stereo));
    const reading = readAll(decoder);
    const writing = writeAll(decoder, Buffer.alloc(50_000_000));
    process.kill(pid, 'SIGKILL');
    await expect(reading).rejects.toMatchObject({ code: 'decoder_crashed' });
    await writing;
    expect(decoder.write(ogg)).toBe(true);
    await decoder.drained();
    decoder.end();
    expect(isRunning(pid)).toBe(false);
  });

  test('by a signal that it answers is a crash as well', async () => {
    const { decoder, pid } = await start(factory()(stereo));
    const output = decoder.output[Symbol.asyncIterator]();
    decoder.write(stereoSecond);
    await output.next();
    process.kill(pid, 'SIGTERM');
    // It looks for signals between two reads.
    decoder.write(stereoSecond);
    decoder.end();
    await expect(drain(output)).rejects.toMatchObject({ code: 'decoder_crashed' });
  });

  test('before its input does, without complaint, ends the output', async () => {
    const create = factory({ ffmpeg: script("head -c 100 >/dev/null; printf '\\1\\0\\2\\0'") });
    const decoder = await create('webm');
    const reading = readAll(decoder);
    await writeAll(decoder, Buffer.alloc(5_000_000), 1_000);
    expect([...(await reading)]).toEqual([1, 2]);
    await decoder.close();
  });

  test.each([
    ['without samples, is not audio', 'exit 1', 'not_audio'],
    [
      'after samples, in the middle of its input, is a crash',
      "printf 'abcd'; exit 1",
      'decoder_crashed',
    ],
  ])('with a complaint, %s', async (_, lines, code) => {
    const words = `head -c 100 >/dev/null; echo 'last words' >&2; ${lines}`;
    const decoder = await factory({ ffmpeg: script(words) })('webm');
    onTestFinished(() => decoder.close());
    decoder.write(ogg);
    const error = await readAll(decoder).catch((it) => it);
    expect(error).toMatchObject({ code });
    expect(error.cause).toContain('last words');
  });

  test('with a complaint after the end of its input gave what it could', async () => {
    const create = factory({ ffmpeg: script("cat >/dev/null; printf 'abcd'; exit 1") });
    expect(await decodeAll(await create('webm'), ogg)).toHaveLength(2);
  });

  test('before anybody reads keeps its samples', async () => {
    let gone = () => {};
    const ended = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const create = factory({ onChild: (change) => change < 0 && gone() });
    const decoder = await create('ogg');
    decoder.write(ogg);
    decoder.end();
    await ended;
    expect(await readAll(decoder)).toEqual(decodeFile(ffmpeg.path, fixturePath('voice.ogg')));
    await decoder.close();
  });
});

describe('back-pressure', () => {
  test('100 MB for a reader that does not read stop after a few', async () => {
    const { decoder } = await start(factory()(stereo));
    const piece = Buffer.alloc(100_000);
    let written = 0;
    const writing = (async () => {
      for (; written < 100_000_000; written += piece.length) {
        if (!decoder.write(piece)) await decoder.drained();
      }
      decoder.end();
    })();
    // Full is what stays full: two looks in a row, each after all that is under way has settled.
    let before = -1;
    await vi.waitFor(
      () => {
        const same = written === before;
        before = written;
        expect(same).toBe(true);
      },
      { interval: 500, timeout: 20_000 },
    );
    expect(written).toBeLessThan(5_000_000);

    let samples = 0;
    for await (const read of decoder.output) samples += read.length;
    await writing;
    expect(samples).toBe(100_000_000 / 4);
  });

  test('a child that takes nothing while its output is awaited has stalled', async () => {
    const { decoder, pid } = await start(factory({ decoderStallMs: 100 })(stereo));
    const reading = readAll(decoder);
    process.kill(pid, 'SIGSTOP');
    const writing = writeAll(decoder, Buffer.alloc(5_000_000));
    await expect(reading).rejects.toMatchObject({ code: 'decoder_stalled' });
    await writing;
    await decoder.close();
    expect(isRunning(pid)).toBe(false);
  });

  test('a child that takes nothing because nobody reads has not', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const { decoder } = await start(factory({ decoderStallMs: 100 })(stereo));
    const bytes = Buffer.alloc(10_000_000);
    const writing = writeAll(decoder, bytes).then(() => decoder.end());
    expect(decoder.write(stereoSecond)).toBe(false);
    await vi.advanceTimersByTimeAsync(60_000);
    const reading = readAll(decoder);
    await writing;
    expect(await reading).toHaveLength((bytes.length + stereoSecond.length) / 4);
  });

  test('a child that had nothing to take has not stalled; its time begins with the first write', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const { decoder, pid } = await start(factory({ decoderStallMs: 100 })(stereo));
    const reading = readAll(decoder);
    await vi.advanceTimersByTimeAsync(60_070);
    process.kill(pid, 'SIGSTOP');
    const writing = writeAll(decoder, Buffer.alloc(5_000_000), 5_000_000);
    await vi.advanceTimersByTimeAsync(90);
    process.kill(pid, 'SIGCONT');
    await writing;
    decoder.end();
    expect(await reading).toHaveLength(5_000_000 / 4);
  });
});

describe('an MP4 whose index comes last', () => {
  const mp4 = fixture('index-last.m4a');
  const leftovers = () =>
    readdirSync(tmpdir()).filter((name) => /^whisper-gateway-\w{8}-/.test(name));

  test('is collected in a file that has no name, up to its limit', async () => {
    const decoder = await factory({ maxCollectedBytes: mp4.length })();
    const reading = readAll(decoder);
    await writeAll(decoder, mp4);
    expect(leftovers()).toEqual([]);
    expect(childrenRunning(ffmpeg.path)).toEqual([]);
    decoder.end();
    expect(await reading).toEqual(decodeFile(ffmpeg.path, fixturePath('index-last.m4a')));
    await decoder.close();
  });

  test('is refused beyond that limit, at once', async () => {
    const decoder = await factory({ maxCollectedBytes: mp4.length - 1 })();
    onTestFinished(() => decoder.close());
    await writeAll(decoder, mp4);
    await expect(readAll(decoder)).rejects.toMatchObject({ code: 'container_too_large' });
    await writeAll(decoder, mp4);
    decoder.end();
  });

  test('fails where it cannot be kept', async () => {
    vi.stubEnv('TMPDIR', '/nowhere');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const decoder = await factory()();
    expect(decoder.write(mp4)).toBe(true);
    await expect(readAll(decoder)).rejects.toMatchObject({ code: 'decoder_crashed' });
  });
});

test('ffmpeg ends by itself when its parent is killed', async () => {
  const maker = fileURLToPath(new URL('../fixtures/orphan-maker.mjs', import.meta.url));
  for (const { path } of ffmpegs) {
    const args = ffmpegArguments({ kind: 'container', demuxer: 'ogg' });
    const parent: ChildProcess = spawn(process.execPath, [maker, path, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    parent.stdin?.write(ogg.subarray(0, ogg.length / 2));
    const [pid] = await once(parent.stdout as NodeJS.ReadableStream, 'data');
    expect(isRunning(Number(pid))).toBe(true);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(isRunning(Number(pid))).toBe(false), { timeout: 20_000 });
  }
});
