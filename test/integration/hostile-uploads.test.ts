import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import installer from '@ffmpeg-installer/ffmpeg';
import { describe, expect, test } from 'vitest';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import type { Gateway } from '../../src/gateway/index.js';
import { withExternalData } from '../support/external-mp4.js';
import { startHub } from '../support/hub-server.js';
import { jfkAs, jfkMp3, jfkPath } from '../support/jfk.js';
import { startGateway } from '../support/start-gateway.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import {
  errorOf,
  expectNothingLeft,
  fileHead,
  fileTail,
  formType,
  postForm,
  postRaw,
} from '../support/upload.js';

interface Target extends Gateway {
  readonly folder: string;
}

/** A gateway whose uploads go to a folder of their own; what it hears is always the same. */
async function start(config: Parameters<typeof startGateway>[0] = {}): Promise<Target> {
  const folder = temporaryFolder();
  const script = (window: Parameters<typeof spokenThrough>[0]) => spokenThrough(window, 'hello');
  const engine = new ScriptedEngine({ script, slots: 2 });
  return { ...(await startGateway({ uploadDir: folder, ...config }, { engine })), folder };
}

/** Sends bytes as the file of a form. */
function postFile(gateway: Gateway, bytes: Buffer | string, disposition?: string) {
  return postRaw(gateway, [fileHead(disposition), bytes, fileTail]);
}

/** Nothing is left of what came before, and the next request is served. */
async function expectHealthy(gateway: Target): Promise<void> {
  await expectNothingLeft(gateway, gateway.folder);
  const answer = await postFile(gateway, jfkMp3);
  expect([answer.status, JSON.parse(answer.body).text]).toEqual([
    200,
    expect.stringMatching(/^hello/),
  ]);
  await expectNothingLeft(gateway, gateway.folder);
}

async function* endless(first: string): AsyncGenerator<Buffer> {
  yield Buffer.from(first);
  const piece = randomBytes(65_536);
  for (;;) yield piece;
}

async function* drip(first: string, everyMs: number): AsyncGenerator<Buffer> {
  yield Buffer.from(first);
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, everyMs));
    yield Buffer.from('a');
  }
}

function silence(seconds: number): Buffer {
  const source = ['-f', 'lavfi', '-i', 'anullsrc=r=8000:cl=mono', '-t', String(seconds)];
  return execFileSync(installer.path, ['-v', 'error', ...source, '-f', 'flac', 'pipe:1'], {
    maxBuffer: 10_000_000,
  });
}

describe('too much', () => {
  test('a body of 5 GB is refused by its length, before a byte of it is taken', async () => {
    const gateway = await start();
    let taken = 0;
    async function* body() {
      for await (const piece of endless(fileHead())) {
        taken += piece.length;
        yield piece;
      }
    }
    const answer = await postRaw(gateway, body(), { 'content-length': '5000000000' });
    expect(answer.status).toBe(413);
    expect(errorOf(answer)).toEqual({
      code: 'upload_too_large',
      type: 'invalid_request_error',
      param: 'file',
      message: 'The upload is larger than MAX_UPLOAD_BYTES, 1073741824 bytes.',
    });
    // What sockets buffer on the way, not gigabytes.
    expect(taken).toBeLessThan(50_000_000);
    await expectHealthy(gateway);
  });

  test('a body that does not say its length is refused at the limit', async () => {
    const gateway = await start({ maxUploadBytes: 1_000_000 });
    const answer = await postRaw(gateway, endless(fileHead()));
    expect([answer.status, errorOf(answer).code]).toEqual([413, 'upload_too_large']);
    await expectHealthy(gateway);
  });

  test('a file that would take what is to stay free of the disk is refused', async () => {
    const gateway = await start({ reservedDiskBytes: 2 ** 50 });
    const answer = await postFile(gateway, jfkMp3);
    expect([answer.status, errorOf(answer).code]).toEqual([507, 'disk_full']);
    await expectNothingLeft(gateway, gateway.folder);
    // The system's own folder may be a small one in memory: nothing is kept free there.
    const other = await start({ reservedDiskBytes: 2 ** 50, uploadDir: undefined });
    expect((await postFile(other, jfkMp3)).status).toBe(200);
  });

  test('a file at the limit is taken, and one of a byte more is not', async () => {
    const gateway = await start({ maxUploadBytes: jfkMp3.length });
    expect((await postFile(gateway, jfkMp3)).status).toBe(200);
    const longer = await postFile(gateway, Buffer.concat([jfkMp3, Buffer.alloc(1)]));
    expect([longer.status, errorOf(longer).code]).toEqual([413, 'upload_too_large']);
    await expectHealthy(gateway);
  });

  test('a small file of endless audio is given up at the limit of its length', async () => {
    const gateway = await start({ maxAudioMs: 60_000 });
    const bomb = silence(7_200);
    expect(bomb.length).toBeLessThan(2_000_000);
    const answer = await postFile(gateway, bomb);
    expect([answer.status, errorOf(answer).code]).toEqual([413, 'audio_too_long']);
    await expectHealthy(gateway);
  });

  test('a compressed body is not unpacked', async () => {
    const gateway = await start();
    const body = gzipSync(Buffer.concat([Buffer.from(fileHead()), Buffer.alloc(10_000_000)]));
    const answer = await postRaw(gateway, [body], { 'content-encoding': 'gzip' });
    expect([answer.status, errorOf(answer).code]).toEqual([415, 'not_multipart']);
    await expectHealthy(gateway);
  });

  test('more fields than any client sends, and longer ones, are refused', async () => {
    const gateway = await start();
    const many = Array.from({ length: 200 }, (_, index): [string, string] => [`f${index}`, 'x']);
    const tooMany = await postForm(gateway, many);
    expect([tooMany.status, errorOf({ body: await tooMany.text() }).code]).toEqual([
      400,
      'bad_upload',
    ]);
    const tooLong = await postForm(gateway, [['prompt', 'x'.repeat(100_000)]]);
    expect(tooLong.status).toBe(400);
    expect(errorOf({ body: await tooLong.text() })).toMatchObject({
      code: 'bad_field',
      param: 'prompt',
    });
    await expectHealthy(gateway);
  });
});

describe('too slow', () => {
  test('a body of which nothing comes any more', async () => {
    const gateway = await start({ uploadStallMs: 300 });
    async function* stuck() {
      yield fileHead();
      yield jfkMp3.subarray(0, 10_000);
      await new Promise(() => {});
    }
    const answer = await postRaw(gateway, stuck());
    expect([answer.status, errorOf(answer).code]).toEqual([408, 'upload_timeout']);
    await expectHealthy(gateway);
  });

  test('a body that comes byte by byte', async () => {
    const gateway = await start({ uploadStallMs: 2_000, uploadTimeoutMs: 1_000 });
    const answer = await postRaw(gateway, drip(fileHead(), 50));
    expect([answer.status, errorOf(answer).code]).toEqual([408, 'upload_timeout']);
    await expectHealthy(gateway);
  });

  test('a client that leaves in the middle of its upload', async () => {
    const gateway = await start();
    const leaving = new AbortController();
    async function* body() {
      yield Buffer.from(fileHead());
      yield jfkMp3.subarray(0, 10_000);
      leaving.abort();
    }
    const sent = fetch(`${gateway.url}/v1/audio/transcriptions`, {
      method: 'POST',
      body: body() as unknown as ReadableStream,
      headers: { 'content-type': formType },
      signal: leaving.signal,
      duplex: 'half',
    } as RequestInit);
    await expect(sent).rejects.toThrow();
    await expectHealthy(gateway);
  });
});

describe('not a form of one file', () => {
  test.each([
    ['a boundary that never comes', { 'content-type': 'multipart/form-data; boundary=another' }],
    ['no boundary', { 'content-type': 'multipart/form-data' }],
    ['an empty boundary', { 'content-type': 'multipart/form-data; boundary=' }],
  ])('%s', async (_, headers) => {
    const gateway = await start();
    const answer = await postRaw(gateway, [fileHead(), jfkMp3, fileTail], headers);
    expect([answer.status, errorOf(answer).code]).toEqual([400, 'bad_upload']);
    await expectHealthy(gateway);
  });

  test.each([
    ['JSON', 'application/json', '{"model": "whisper-1"}'],
    ['audio without a form', 'audio/mpeg', jfkMp3],
    ['a form without files', 'application/x-www-form-urlencoded', 'model=whisper-1'],
  ])('%s', async (_, contentType, body) => {
    const gateway = await start();
    const answer = await postRaw(gateway, [body], { 'content-type': contentType });
    expect([answer.status, errorOf(answer).code]).toEqual([415, 'not_multipart']);
    await expectHealthy(gateway);
  });

  test('a form that ends in the middle of its file', async () => {
    const gateway = await start();
    const answer = await postRaw(gateway, [fileHead(), jfkMp3]);
    expect([answer.status, errorOf(answer).code]).toEqual([400, 'bad_upload']);
    await expectHealthy(gateway);
  });

  test('no file', async () => {
    const gateway = await start();
    const answer = await postForm(gateway, [['model', 'whisper-1']]);
    expect(answer.status).toBe(400);
    expect(errorOf({ body: await answer.text() })).toMatchObject({
      code: 'bad_field',
      param: 'file',
    });
    await expectHealthy(gateway);
  });

  test.each([
    ['a field in place of the file', 'name="file"', 'file'],
    ['a file in another field', 'name="audio"; filename="a.mp3"', 'audio'],
  ])('%s', async (_, disposition, param) => {
    const gateway = await start();
    const answer = await postFile(gateway, 'speech.mp3', disposition);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ code: 'bad_field', param });
    await expectHealthy(gateway);
  });

  test('two files', async () => {
    const gateway = await start();
    const answer = await postRaw(gateway, [
      `${fileHead()}one\r\n`,
      fileHead('name="file"; filename="b.mp3"'),
      'two',
      fileTail,
    ]);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({
      code: 'bad_field',
      message: 'There is more than one file.',
    });
    await expectHealthy(gateway);
  });

  test('an empty file', async () => {
    const gateway = await start();
    const answer = await postFile(gateway, '');
    expect(errorOf(answer)).toMatchObject({ code: 'bad_field', message: 'The file is empty.' });
    await expectHealthy(gateway);
  });
});

describe('files that are no audio', () => {
  test.each([
    ['text', 'And so, my fellow Americans.'],
    ['noise', randomBytes(200_000)],
    ['a picture', '<svg xmlns="http://www.w3.org/2000/svg"><image href="/etc/passwd"/></svg>'],
    ['an archive', Buffer.concat([Buffer.from('PK\u0003\u0004'), randomBytes(10_000)])],
    ['a program', Buffer.concat([Buffer.from('\u007fELF'), randomBytes(10_000)])],
  ])('%s', async (_, bytes) => {
    const gateway = await start();
    const answer = await postFile(gateway, bytes);
    expect([answer.status, errorOf(answer)]).toEqual([
      415,
      {
        code: 'not_audio',
        type: 'invalid_request_error',
        param: null,
        message: 'This is not audio that can be decoded.',
      },
    ]);
    await expectHealthy(gateway);
  });

  test('a film without sound', async () => {
    const gateway = await start();
    const film = join(temporaryFolder(), 'mute.mp4');
    const source = ['-f', 'lavfi', '-i', 'testsrc=d=1:s=64x64', film];
    execFileSync(installer.path, ['-v', 'error', ...source]);
    const form = await postForm(gateway, [
      ['file', new File([readFileSync(film)], 'a.mp4')],
      ['model', 'whisper-1'],
    ]);
    expect([form.status, errorOf({ body: await form.text() }).code]).toEqual([
      422,
      'no_audio_track',
    ]);
    await expectHealthy(gateway);
  });
});

describe('names', () => {
  test.each([
    ['a path', '../../../../etc/passwd'],
    ['a path of another system', 'C:\\Windows\\system32\\a.mp3'],
    ['what a shell would run', '$(touch pwned); `id`|.mp3'],
    ['an option', '-protocol_whitelist'],
    ['an address', 'http://127.0.0.1/a.m3u8'],
    ['a very long one', `${'a'.repeat(8_000)}.mp3`],
    ['signs that cannot be seen', '\u202e3pm.exe\u0007'],
    ['none', ''],
  ])('%s is not looked at', async (_, name) => {
    const gateway = await start();
    const answer = await postFile(gateway, jfkMp3, `name="file"; filename="${name}"`);
    expect([answer.status, JSON.parse(answer.body).text]).toEqual([
      200,
      expect.stringMatching(/^hello/),
    ]);
    await expectHealthy(gateway);
  });
});

describe('files that name others', () => {
  test.each([
    ['an HLS playlist of a local file', (path: string) => `#EXTM3U\n#EXTINF:10,\n${path}\n`],
    [
      'an HLS playlist of a file address',
      (path: string) => `#EXTM3U\n#EXTINF:10,\nfile://${path}\n`,
    ],
    [
      'an HLS playlist of the network',
      (_: string, url: string) => `#EXTM3U\n#EXTINF:10,\n${url}/a.ts\n`,
    ],
    [
      'an HLS playlist with a key on the network',
      (path: string, url: string) =>
        `#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="${url}/key"\n#EXTINF:10,\n${path}\n#EXT-X-ENDLIST\n`,
    ],
    ['a concat script', (path: string) => `ffconcat version 1.0\nfile '${path}'\n`],
    [
      'a concat script of the network',
      (_: string, url: string) => `ffconcat version 1.0\nfile '${url}/a'\n`,
    ],
    [
      'a DASH manifest',
      (_: string, url: string) =>
        `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>${url}/</BaseURL></MPD>`,
    ],
    [
      'a session description',
      (_: string, url: string) => `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=${url}\nm=audio 9 RTP/AVP 0\n`,
    ],
  ])('%s', async (_, script) => {
    const gateway = await start();
    const hub = await startHub((_request, response) => void response.end(jfkMp3));
    const secret = join(temporaryFolder(), 'secret.wav');
    writeFileSync(secret, await jfkAs('-f', 'wav'));
    const answer = await postFile(gateway, script(secret, hub.url));
    expect([answer.status, errorOf(answer).code]).toEqual([415, 'not_audio']);
    expect(answer.body).not.toContain(secret);
    expect(hub.requests).toEqual([]);
    await expectHealthy(gateway);
  });

  test('an MP4 whose samples lie in another file', async () => {
    const gateway = await start();
    const folder = join(temporaryFolder(), 'others');
    mkdirSync(folder);
    const secret = join(folder, 'secret.m4a');
    execFileSync(installer.path, ['-v', 'error', '-i', jfkPath, '-c:a', 'aac', secret]);
    const answer = await postFile(gateway, withExternalData(readFileSync(secret), secret, false));
    expect([answer.status, errorOf(answer).code]).toEqual([415, 'not_audio']);
    await expectHealthy(gateway);
  });
});
