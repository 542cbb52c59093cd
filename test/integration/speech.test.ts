import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../../src/config/index.js';
import { ScriptedEngine } from '../../src/engine/index.js';
import { GatewayError } from '../../src/errors/index.js';
import { createGateway, type Gateway } from '../../src/gateway/index.js';
import { MemoryBudget, openVoiceFolder } from '../../src/models/index.js';
import { EspeakEngine } from '../../src/speech/espeak/espeak-engine.js';
import { NeuralEngine } from '../../src/speech/neural/neural-engine.js';
import { newestFfmpeg } from '../support/decoder-fixtures.js';
import { emptyOnnx, piperDescription } from '../support/onnx-file.js';
import { childrenRunning } from '../support/processes.js';
import { humming, installationWithout, requestSpeech, samplesAt } from '../support/speech.js';
import { startGateway } from '../support/start-gateway.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** A gateway that cannot transcribe, which is not what is tested here. */
const speechOnly = (config = {}, parts = {}) =>
  startGateway(config, {
    engine: new ScriptedEngine({ script: () => new GatewayError('inference_failed') }),
    ...parts,
  });

const text = 'Good morning. The library opens at nine, and closes when the sun goes down.';

describe('the embedded voice', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await createGateway(loadConfig({ port: 0, logLevel: 'silent' }, {}), {
      engine: new ScriptedEngine({ script: () => new GatewayError('inference_failed') }),
    });
  });
  afterAll(() => gateway.close());

  const speak = async (fields: object) => {
    const response = await requestSpeech(gateway.url, { input: text, ...fields });
    return { response, bytes: Buffer.from(await response.arrayBuffer()) };
  };
  const secondsOf = (samples: Int16Array) => samples.length / 24_000;

  it.each([
    ['mp3', 'audio/mpeg', /Audio: mp3.*24000 Hz, mono/],
    ['opus', 'audio/opus', /ogg[\s\S]*Audio: opus.*mono/],
    ['aac', 'audio/aac', /Input #0, aac[\s\S]*Audio: aac.*24000 Hz, mono/],
    ['flac', 'audio/flac', /Audio: flac.*24000 Hz, mono, s16/],
    ['wav', 'audio/wav', /wav[\s\S]*Audio: pcm_s16le.*24000 Hz, (mono|1 channels), s16/],
  ])('speaks %s', async (format, type, described) => {
    const { response, bytes } = await speak({ response_format: format });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
    expect(describeFile(bytes)).toMatch(described);
    const samples = samplesAt(24_000, bytes);
    expect(secondsOf(samples)).toBeGreaterThan(4);
    expect(secondsOf(samples)).toBeLessThan(7);
    expect(loudness(samples)).toBeGreaterThan(500);
  });

  it('speaks mp3 where no format is asked for, and raw samples for pcm', async () => {
    expect((await speak({})).response.headers.get('content-type')).toBe('audio/mpeg');
    const [pcm, wav] = [
      await speak({ response_format: 'pcm' }),
      await speak({ response_format: 'wav' }),
    ];
    // As many samples behind a header; each time with other noise in the voice.
    expect(wav.bytes.subarray(0, 4).toString()).toBe('RIFF');
    expect(wav.bytes.length - pcm.bytes.length).toBeGreaterThan(0);
    expect(wav.bytes.length - pcm.bytes.length).toBeLessThan(100);
    expect(loudness(samplesAt(24_000, pcm.bytes, '-f', 's16le', '-ar', '24000'))).toBeGreaterThan(
      500,
    );
  });

  it.each([0.25, 0.5, 2, 4])('is as long as speed %d says', async (speed) => {
    const [own, other] = [
      await speak({ response_format: 'pcm' }),
      await speak({ response_format: 'pcm', speed }),
    ];
    const ratio = own.bytes.length / other.bytes.length;
    // Pauses and the sounds of words do not shrink evenly.
    expect(ratio).toBeGreaterThan(speed * 0.8);
    expect(ratio).toBeLessThan(speed * 1.25);
  });

  it('takes what OpenAI takes and has no use for', async () => {
    const { response } = await speak({
      instructions: 'Sound happy.',
      stream_format: 'audio',
      speed: null,
    });
    expect(response.status).toBe(200);
    const named = await speak({ model: 'gpt-4o-mini-tts', voice: { id: 'nova' } });
    expect(named.response.status).toBe(200);
  });

  it('sends server-sent events with the same file and what it took', async () => {
    const { response, bytes } = await speak({ stream_format: 'sse', response_format: 'pcm' });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const events = String(bytes)
      .trimEnd()
      .split('\n\n')
      .map((line) => JSON.parse(line.replace(/^data: /, '')));
    const done = events.pop();
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['speech.audio.delta']));
    const file = Buffer.concat(events.map(({ audio }) => Buffer.from(audio, 'base64')));
    // The noise in the voice may make it a sample longer or shorter.
    const { length } = (await speak({ response_format: 'pcm' })).bytes;
    expect(Math.abs(file.length - length)).toBeLessThan(1_000);
    const output_tokens = Math.ceil((file.length / 48_000) * 20);
    const input_tokens = Math.ceil(text.length / 4);
    expect(done.type).toBe('speech.audio.done');
    expect(done.usage.input_tokens).toBe(input_tokens);
    // Resampling may give or take a sample.
    expect(Math.abs(done.usage.output_tokens - output_tokens)).toBeLessThanOrEqual(1);
    expect(done.usage.total_tokens).toBe(input_tokens + done.usage.output_tokens);
  });

  it('lists its voices: OpenAI’s names, and more than a hundred languages', async () => {
    const list = (await (await fetch(`${gateway.url}/v1/voices`)).json()) as {
      object: string;
      data: { id: string; language: string | null }[];
    };
    expect(list.object).toBe('list');
    expect(list.data.filter(({ language }) => language !== null).length).toBeGreaterThan(100);
    for (const voice of ['alloy', 'verse', 'de', 'en-gb', 'cmn']) {
      expect(list.data.map(({ id }) => id)).toContain(voice);
    }
    expect(new Set(list.data.map(({ id }) => id)).size).toBe(list.data.length);
  });

  it('reads markup aloud instead of obeying it', async () => {
    const pause = await speak({
      input: 'One <break time="9s"/> two [[three]].',
      response_format: 'pcm',
    });
    expect(secondsOf(new Int16Array(pause.bytes.length >> 1))).toBeLessThan(6);
  });

  it('makes a file of a text in which nothing can be said', async () => {
    const { response, bytes } = await speak({ input: '…', response_format: 'mp3' });
    expect(response.status).toBe(200);
    expect(samplesAt(24_000, bytes).length).toBeGreaterThan(0);
  });

  it.each([
    [{ input: '' }, 400, 'input', /empty/],
    [{ input: ' \n' }, 400, 'input', /empty/],
    [{ input: undefined }, 400, 'input', /missing/],
    [{ input: 'a'.repeat(4_097) }, 400, 'input', /4096/],
    [{ model: undefined }, 400, 'model', /missing/],
    [{ model: 'gpt-9' }, 404, 'model', /"gpt-9".*espeak-ng/],
    [{ model: '../voices' }, 404, 'model', /"..\/voices"/],
    [{ voice: undefined }, 400, 'voice', /missing/],
    [{ voice: 'nobody' }, 400, 'voice', /"nobody".*alloy/],
    [{ voice: 'alloy', language: 'xx' }, 400, 'language', /"xx"/],
    [{ response_format: 'ogg' }, 400, 'response_format', /mp3, opus/],
    [{ speed: 0.2 }, 400, 'speed', /0.25/],
    [{ speed: 4.1 }, 400, 'speed', /at most 4/],
    [{ speed: 'fast' }, 400, 'speed', /number/],
    [{ stream_format: 'ws' }, 400, 'stream_format', /sse/],
  ])('refuses %j', async (fields, status, param, message) => {
    const { response, bytes } = await speak(fields);
    const { error } = JSON.parse(String(bytes));
    expect([response.status, error.param, error.type]).toEqual([
      status,
      param,
      'invalid_request_error',
    ]);
    expect(error.message).toMatch(message);
    expect(Object.keys(error).sort()).toEqual(['code', 'message', 'param', 'type']);
  });

  it('counts what it spoke', async () => {
    await speak({ input: 'Count me.' });
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toMatch(/speech_requests_total\{model="espeak-ng",outcome="ok"\} \d/);
    expect(metrics).toMatch(/speech_requests_total\{model="",outcome="model_not_found"\} 2/);
    expect(metrics).toMatch(/speech_characters_total\{model="espeak-ng"\} \d/);
    expect(metrics).toMatch(/speech_audio_seconds_total\{model="espeak-ng"\} \d/);
    expect(metrics).toMatch(/^whisper_gateway_speech_active 0$/m);
  });
});

describe('while it speaks', () => {
  it('the first bytes are sent before the last sentence was spoken', async () => {
    const never = new Promise<void>(() => {});
    const spoken: string[] = [];
    const before = (sentence: string) => {
      spoken.push(sentence);
      return sentence === 'Last.' ? never : undefined;
    };
    const gateway = await speechOnly({}, { speechEngines: humming({ seconds: 2, before }) });
    for (const response_format of ['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm']) {
      spoken.length = 0;
      const response = await requestSpeech(gateway.url, { input: 'First. Last.', response_format });
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      const { value } = await reader.read();
      expect(value?.length, response_format).toBeGreaterThan(0);
      expect(spoken[0]).toBe('First.');
      await reader.cancel();
    }
  });

  it('a client that leaves takes its ffmpeg and its place with it', async () => {
    const never = new Promise<void>(() => {});
    const before = (sentence: string) => (sentence === 'Last.' ? never : undefined);
    const gateway = await speechOnly(
      { maxSpeech: 1 },
      { speechEngines: humming({ seconds: 1, before }) },
    );
    const leave = new AbortController();
    const response = await requestSpeech(gateway.url, { input: 'First. Last.' }, leave.signal);
    await (response.body as ReadableStream).getReader().read();
    expect(childrenRunning('-f mp3')).toHaveLength(1);

    const refused = await requestSpeech(gateway.url, { input: 'Me too.' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await refused.json()).toMatchObject({
      error: { type: 'rate_limit_error', code: 'speech_busy', param: null },
    });

    leave.abort();
    await vi.waitFor(() => expect(childrenRunning('-f mp3')).toEqual([]), 10_000);
    await vi.waitFor(async () => expect(await activeIn(gateway)).toBe('0'), 10_000);
    expect((await requestSpeech(gateway.url, { input: 'Now.' })).status).toBe(200);
  });

  it('a client that reads nothing is given up', async () => {
    const gateway = await speechOnly(
      { speechStallMs: 1_000 },
      { speechEngines: humming({ seconds: 60 }) },
    );
    const { port } = new URL(gateway.url);
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => {});
    const body = JSON.stringify({
      ...{ model: 'tts-1', voice: 'alloy', response_format: 'wav' },
      input: 'More. '.repeat(300),
    });
    socket.pause();
    socket.write(
      `POST /v1/audio/speech HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await vi.waitFor(async () => expect(await activeIn(gateway)).toBe('1'), 10_000);
    await vi.waitFor(async () => expect(await activeIn(gateway)).toBe('0'), 60_000);
    expect(childrenRunning('-f wav')).toEqual([]);
    socket.destroy();
  });

  it('an engine that fails at once is an error, and one that fails later ends the events with it', async () => {
    let begun = () => {};
    const firstBytes = () =>
      new Promise<void>((resolve) => {
        begun = resolve;
      });
    const fail = async (sentence: string) => {
      if (sentence === 'Worse.') await waiting;
      if (sentence !== 'Good.') throw new Error('out of breath');
    };
    let waiting = firstBytes();
    const gateway = await speechOnly({}, { speechEngines: humming({ seconds: 1, before: fail }) });
    const atOnce = await requestSpeech(gateway.url, { input: 'Bad.' });
    expect(atOnce.status).toBe(500);
    expect(await atOnce.json()).toMatchObject({ error: { type: 'server_error' } });

    const later = await requestSpeech(gateway.url, { input: 'Good. Worse.', stream_format: 'sse' });
    begun();
    const events = (await later.text()).trimEnd().split('\n\n');
    expect(JSON.parse((events.at(-1) as string).slice('data: '.length))).toMatchObject({
      error: { code: 'internal_error', type: 'server_error' },
    });

    waiting = firstBytes();
    const cut = await requestSpeech(gateway.url, { input: 'Good. Worse.' });
    begun();
    await expect(cut.arrayBuffer()).rejects.toThrow();
  });

  it('closing the gateway ends what is being spoken', async () => {
    const never = new Promise<void>(() => {});
    const before = (sentence: string) => (sentence === 'Last.' ? never : undefined);
    const gateway = await speechOnly({}, { speechEngines: humming({ seconds: 1, before }) });
    const response = await requestSpeech(gateway.url, { input: 'First. Last.' });
    await gateway.close();
    await expect(response.arrayBuffer()).rejects.toThrow();
    expect(childrenRunning('-f mp3')).toEqual([]);
  });
});

describe('neural voices', () => {
  /** A folder of models with a voice called `amy` that has these files. */
  function modelsWith(files: Record<string, string | Buffer>): string {
    const dir = temporaryFolder();
    mkdirSync(join(dir, 'voices/amy'), { recursive: true });
    for (const [name, contents] of Object.entries(files)) {
      writeFileSync(join(dir, 'voices/amy', name), contents);
    }
    return dir;
  }
  const description = JSON.stringify(piperDescription);

  it('a broken voice is refused by name, and leaves the others in peace', async () => {
    const modelsDir = modelsWith({ 'amy.onnx': 'not found', 'amy.onnx.json': description });
    const gateway = await speechOnly({ modelsDir });
    const response = await requestSpeech(gateway.url, { model: 'amy', input: text });
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ error: { code: 'model_corrupt' } });
    const { data } = (await (await fetch(`${gateway.url}/v1/voices`)).json()) as {
      data: { model: string }[];
    };
    expect(new Set(data.map(({ model }) => model))).toEqual(new Set(['espeak-ng']));
  });

  it('a model that sherpa-onnx cannot load ends its own process only', async () => {
    const modelsDir = modelsWith({ 'amy.onnx': emptyOnnx(), 'amy.onnx.json': description });
    const gateway = await speechOnly({ modelsDir });
    const response = await requestSpeech(gateway.url, { model: 'amy', input: text });
    const { error } = (await response.json()) as { error: { code: string } };
    expect([response.status, error.code]).toEqual([503, 'model_load_failed']);
    expect(childrenRunning('neural-main')).toEqual([]);
    expect((await requestSpeech(gateway.url, { input: text })).status).toBe(200);
  });

  it('sherpa-onnx-node missing is said in plain words', async () => {
    const root = installationWithout('sherpa-onnx-node');
    const modelsDir = modelsWith({ 'amy.onnx': emptyOnnx(), 'amy.onnx.json': description });
    const engine = new NeuralEngine(await openVoiceFolder(join(modelsDir, 'voices'), 'amy'), {
      entry: join(root, 'dist/speech/neural/neural-main.js'),
      threads: 1,
      startTimeoutMs: 60_000,
      requestTimeoutMs: 60_000,
      unloadAfterMs: 60_000,
      memory: new MemoryBudget(1e9),
      espeakData: async () => root,
    });
    await expect(engine.cast({ voice: 'amy', language: null, text })).rejects.toMatchObject({
      code: 'speech_unavailable',
      message: expect.stringContaining('npm install sherpa-onnx-node'),
    });
    await engine.close();
  });
});

it('the embedded voice missing is said in plain words', async () => {
  const root = installationWithout('@echogarden/espeak-ng-emscripten');
  const entry = join(root, 'dist/speech/espeak/espeak-main.js');
  const memory = new MemoryBudget(1e9);
  const engine = new EspeakEngine(entry, { memory, unloadAfterMs: 60_000 });
  await expect(engine.voices()).rejects.toMatchObject({
    code: 'speech_unavailable',
    message: expect.stringContaining('npm install @echogarden/espeak-ng-emscripten'),
  });
  await engine.close();
});

/** What ffmpeg says of a file. */
function describeFile(bytes: Uint8Array): string {
  const shell = '"$0" -hide_banner -i pipe:0 -f null - 2>&1';
  return String(execFileSync('/bin/sh', ['-c', shell, newestFfmpeg.path], { input: bytes }));
}

async function activeIn(gateway: Gateway): Promise<string | undefined> {
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  return /^whisper_gateway_speech_active (\d+)$/m.exec(metrics)?.[1];
}

/** Root of the mean square. */
function loudness(samples: Int16Array): number {
  return Math.sqrt(samples.reduce((sum, it) => sum + it * it, 0) / samples.length);
}
