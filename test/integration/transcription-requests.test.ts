import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import installer from '@ffmpeg-installer/ffmpeg';
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import {
  ScriptedEngine,
  type ScriptedEngineOptions,
  spokenThrough,
} from '../../src/engine/index.js';
import { GatewayError } from '../../src/errors/index.js';
import { jfkAs, jfkPath } from '../support/jfk.js';
import { openAiClient } from '../support/openai-client.js';
import { readManifest, sharedAudio } from '../support/shared-audio.js';
import { startGateway } from '../support/start-gateway.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { errorOf, expectNothingLeft, jfkUpload, openFilesIn, postForm } from '../support/upload.js';
import { pooledErrorRate } from '../support/word-error-rate.js';

const model = ['model', 'whisper-1'] as const;
const english = ['language', 'en'] as const;

/** A gateway with an engine that hears the same in every window. */
async function start(
  config: Parameters<typeof startGateway>[0] = {},
  options: Partial<ScriptedEngineOptions> = {},
) {
  const script: ScriptedEngineOptions['script'] = (window) => spokenThrough(window, 'hello');
  const engine = new ScriptedEngine({ script, slots: 2, ...options });
  const folder = temporaryFolder();
  const gateway = await startGateway({ uploadDir: folder, ...config }, { engine });
  return { engine, folder, gateway };
}

/** The clip so many times in a row: each time a window or more, with a pause between them. */
async function repeated(times: number): Promise<File> {
  const wav = await jfkAs('-filter_complex', `aloop=loop=${times - 1}:size=176000`, '-f', 'wav');
  return new File([wav], 'long.wav');
}

async function settled(response: Promise<Response>) {
  const { status, headers } = await response;
  return { status, headers, body: await (await response).text() };
}

describe('stream=true', () => {
  test('sends what is finished while the rest is being transcribed', async () => {
    const { engine, gateway, folder } = await start({}, { held: true });
    const sent = postForm(gateway, [
      ['file', await repeated(6)],
      model,
      english,
      ['stream', 'true'],
    ]);
    await engine.arrived(1);
    engine.release(1);
    const response = await sent;
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ]);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const first = Buffer.from((await reader.read()).value as Uint8Array).toString();
    expect(first).toMatch(/^data: \{"type":"transcript\.text\.delta","delta":"hello/);
    // The next window is held, and with it all that comes after it.
    await engine.arrived(2);
    engine.release();
    let rest = '';
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      rest += Buffer.from(piece.value).toString();
    }
    expect(rest).toMatch(/^data: \{"type":"transcript\.text\.done".*\n\n$/m);
    await expectNothingLeft(gateway, folder);
  });

  test('tells a failure on the way, which the client raises', async () => {
    const { gateway, folder } = await start(
      { maxRetries: 0 },
      {
        slots: 1,
        script: (window, index) =>
          index === 0 ? spokenThrough(window, 'hello') : new GatewayError('inference_failed'),
      },
    );
    const stream = await openAiClient(gateway).audio.transcriptions.create({
      file: await repeated(6),
      model: 'whisper-1',
      language: 'en',
      stream: true,
    });
    const types: string[] = [];
    const failure = await (async () => {
      for await (const { type } of stream) types.push(type);
    })().catch((error: unknown) => error);
    expect(types).toContain('transcript.text.delta');
    expect(types).not.toContain('transcript.text.done');
    expect(failure).toBeInstanceOf(OpenAI.APIError);
    expect(failure).toMatchObject({ error: { code: 'inference_failed', type: 'server_error' } });
    await expectNothingLeft(gateway, folder);
  });
});

describe('more requests than can be served', () => {
  test('two hundred at once: each is answered, or refused with a time to come again', async () => {
    const { gateway, folder } = await start();
    const clip = new File([await jfkAs('-t', '1', '-f', 'wav')], 'short.wav');
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => settled(postForm(gateway, [['file', clip], model]))),
    );
    const count = (wanted: number) => answers.filter(({ status }) => status === wanted).length;
    expect(count(200)).toBeGreaterThanOrEqual(72);
    expect(count(200) + count(429)).toBe(200);
    for (const answer of answers) {
      if (answer.status === 200) continue;
      expect(errorOf(answer)).toMatchObject({
        code: 'too_many_transcriptions',
        type: 'rate_limit_error',
      });
      expect(answer.headers.get('retry-after')).toBe('5');
    }
    await expectNothingLeft(gateway, folder);
  });

  test('who leaves makes room, and its work stops', async () => {
    const limits = { maxTranscriptions: 1, maxWaitingTranscriptions: 1 };
    const { engine, gateway, folder } = await start(limits, { held: true });
    const [leaves, waits] = [new AbortController(), new AbortController()];
    const first = postForm(gateway, [jfkUpload, model], { signal: leaves.signal });
    await engine.arrived(1);
    const second = postForm(gateway, [jfkUpload, model], { signal: waits.signal });
    const refused = async () => {
      const client = openAiClient(gateway);
      const [, file] = jfkUpload;
      return await client.audio.transcriptions
        .create({ file: file as File, model: 'whisper-1' })
        .catch((error: unknown) => error);
    };
    await expect.poll(refused).toBeInstanceOf(OpenAI.RateLimitError);
    waits.abort();
    await expect(second).rejects.toThrow('aborted');
    leaves.abort();
    await expect(first).rejects.toThrow('aborted');
    await expect.poll(() => engine.active).toBe(0);
    engine.release();
    await expect
      .poll(async () => (await settled(postForm(gateway, [jfkUpload, model]))).status)
      .toBe(200);
    await expectNothingLeft(gateway, folder);
  });
});

describe('a gateway that shuts down', () => {
  test('finishes what it has begun, and takes nothing new', async () => {
    const { engine, gateway } = await start({ shutdownTimeoutMs: 60_000 }, { held: true });
    const running = settled(postForm(gateway, [jfkUpload, model]));
    await engine.arrived(1);
    const closed = gateway.close();
    const refused = await settled(postForm(gateway, [jfkUpload, model]));
    expect([refused.status, errorOf(refused).code]).toEqual([503, 'server_draining']);
    expect(refused.headers.get('retry-after')).toBe('1');
    engine.release();
    expect((await running).status).toBe(200);
    await closed;
  });

  test('says so to those that it cannot wait for', async () => {
    const { engine, gateway, folder } = await start({ shutdownTimeoutMs: 200 }, { held: true });
    const running = settled(postForm(gateway, [jfkUpload, model]));
    await engine.arrived(1);
    await gateway.close();
    const answer = await running;
    expect([answer.status, errorOf(answer).code]).toEqual([503, 'server_draining']);
    expect(engine.active).toBe(0);
    expect(openFilesIn(folder)).toEqual([]);
  });
});

test('channels=split hears every channel by itself', async () => {
  const { gateway } = await start();
  const pan = 'pan=stereo|c0=c0|c1=c0,adelay=0|12000';
  const stereo = new File([await jfkAs('-af', pan, '-f', 'wav')], 'stereo.wav');
  const ask = async (...fields: (readonly [string, string])[]) =>
    (await settled(postForm(gateway, [['file', stereo], model, ['channels', 'split'], ...fields])))
      .body;
  const verbose = JSON.parse(await ask(['response_format', 'verbose_json']));
  const channels = verbose.segments.map(({ channel }: { channel: number }) => channel);
  expect(new Set(channels)).toEqual(new Set([1, 2]));
  const srt = await ask(['response_format', 'srt']);
  expect(srt).toContain('[Channel 1] hello');
  expect(srt).toContain('[Channel 2] hello');
  expect(await ask(['response_format', 'text'])).toMatch(/^\[Channel 1\] hello/);
  const events = (await ask(['stream', 'true'])).split('\n\n');
  const speakers = events.map((event) => /"speaker":"(.)"/.exec(event)?.[1]).filter(Boolean);
  expect([...new Set(speakers)]).toEqual(['A', 'B']);
});

test('a film is heard, also where its index comes last', async () => {
  const { gateway, folder } = await start();
  const film = join(temporaryFolder(), 'film.mp4');
  const picture = ['-f', 'lavfi', '-i', 'testsrc=d=11:s=64x64:r=5'];
  execFileSync(installer.path, ['-v', 'error', ...picture, '-i', jfkPath, '-c:a', 'aac', film]);
  const file = new File([readFileSync(film)], 'film.mp4');
  const { status, body } = await settled(postForm(gateway, [['file', file], model]));
  expect([status, JSON.parse(body).text]).toEqual([200, expect.stringMatching(/^hello/)]);
  await expectNothingLeft(gateway, folder);
});

describe.skipIf(!sharedAudio)('real recordings', () => {
  test('every format is transcribed', async () => {
    const gateway = await startGateway();
    const files = readManifest().filter(({ file }) => /^(codecs|odd)\//.test(file));
    expect(files.length).toBeGreaterThan(15);
    const pairs: { reference: string; heard: string }[] = [];
    for (const { file, text, lang } of files) {
      const bytes = readFileSync(join(sharedAudio as string, file));
      const answer = await settled(
        postForm(gateway, [['file', new File([bytes], file)], model, ['language', lang ?? 'auto']]),
      );
      expect(answer.status, file).toBe(200);
      const heard = JSON.parse(answer.body).text as string;
      expect(heard, file).toMatch(/[\p{L}\p{N}]/u);
      if (text !== null && lang === 'en') pairs.push({ reference: text, heard });
    }
    expect(pooledErrorRate(pairs)).toBeLessThan(0.25);
  });
});
