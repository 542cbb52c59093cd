import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { packageRoot } from '../../src/config/index.js';
import { ScriptedEngine, spoken } from '../../src/engine/index.js';
import { GatewayError } from '../../src/errors/index.js';
import type { JobView } from '../../src/jobs/index.js';
import { jfkAs, jfkMp3 } from '../support/jfk.js';
import { startGateway } from '../support/start-gateway.js';
import { temporaryFolder } from '../support/temporary-folder.js';

function startWatch(folder: string, url: string, ...args: string[]): ChildProcess {
  return startWatchIn({}, folder, '--gateway', url, ...args);
}

function startWatchIn(env: Record<string, string>, ...args: string[]): ChildProcess {
  const program = join(packageRoot, 'dist/main.js');
  const child = spawn(process.execPath, [program, 'watch', ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', API_KEY: 'secret', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function jobs(url: string): Promise<JobView[]> {
  const answer = await fetch(`${url}/v1/jobs`, { headers: { authorization: 'Bearer secret' } });
  return ((await answer.json()) as { data: JobView[] }).data;
}

function engine(): ScriptedEngine {
  return new ScriptedEngine({ script: () => spoken([['word', 0, 300]]) });
}

test('files that appear become jobs once they are whole, and transcripts beside them', async () => {
  const { url } = await startGateway({ apiKey: 'secret' }, { engine: engine() });
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'inner'));
  writeFileSync(join(folder, 'inner', 'deep.mp3'), jfkMp3);
  writeFileSync(join(folder, 'there.mp3'), jfkMp3);
  writeFileSync(join(folder, '.hidden.mp3'), jfkMp3);
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  const child = startWatch(folder, url, '--format', 'txt,srt', '--language', 'en');
  // Grows for longer than a whole file is looked at.
  const wav = await jfkAs('-f', 'wav');
  const growing = join(folder, 'grow "ing" \u001b.wav');
  for (let at = 0; at < wav.length; at += 40_000) {
    appendFileSync(growing, wav.subarray(at, at + 40_000));
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
  await expect
    .poll(() => readdirSync(folder).filter((name) => name.endsWith('.srt')), { timeout: 30_000 })
    .toHaveLength(2);
  expect(readFileSync(join(folder, 'there.mp3.txt'), 'utf8')).toBe('word\n');
  expect(readFileSync(`${growing}.srt`, 'utf8')).toMatch(/^1\n/);
  expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('mine');
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  const made = await jobs(url);
  expect(made.map(({ bytes }) => bytes).sort()).toEqual([jfkMp3.length, wav.length].sort());
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
});

test('a watch that starts again uploads nothing twice', async () => {
  const held = engine();
  held.hold();
  const { url } = await startGateway({ apiKey: 'secret' }, { engine: held });
  const folder = temporaryFolder();
  const output = join(temporaryFolder(), 'transcripts');
  writeFileSync(join(folder, 'a.mp3'), jfkMp3);
  const first = startWatch(folder, url, '--output', output);
  await expect.poll(async () => (await jobs(url)).length, { timeout: 30_000 }).toBe(1);
  first.kill('SIGKILL');
  const second = startWatch(folder, url, '--output', output, '--once');
  const code = new Promise((resolve) => second.once('exit', resolve));
  held.release();
  expect(await code).toBe(0);
  expect(readdirSync(output)).toEqual(['a.mp3.txt']);
  expect(await jobs(url)).toHaveLength(1);
});

test('what the command line asks for is what the job is asked for', async () => {
  const { url } = await startGateway({ apiKey: 'secret' }, { engine: engine() });
  const folder = temporaryFolder();
  const mask = join(temporaryFolder(), 'mask.txt');
  writeFileSync(mask, 'damn\n');
  writeFileSync(join(folder, 'a.mp3'), jfkMp3);
  const options = ['--model', 'whisper-1', '--prompt', 'Kennedy', '--channels', 'split'];
  const words = ['--replace', 'word=Wort', '--mask', mask, '--formatting', 'sentences'];
  const child = startWatch(folder, url, '--once', '--task', 'translate', ...options, ...words);
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(readFileSync(join(folder, 'a.mp3.txt'), 'utf8')).toBe('Wort\n');
  const [job] = await jobs(url);
  expect(job?.options).toMatchObject({
    model: 'whisper-1',
    task: 'translate',
    prompt: 'Kennedy',
    channels: 'split',
    post_processing: {
      replacements: [{ from: 'word', to: 'Wort' }],
      mask: { words: ['damn'], style: 'letters' },
      formatting: 'sentences',
    },
  });
});

test('options that cannot be used are told before anything is looked at', async () => {
  const child = startWatch(temporaryFolder(), 'http://127.0.0.1:9', '--replace', 'nothing');
  expect(await once(child, 'exit')).toEqual([2, null]);
});

test('a gateway that listens everywhere is found on this machine', async () => {
  const { url } = await startGateway({ apiKey: 'secret' }, { engine: engine() });
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a.mp3'), jfkMp3);
  const env = { HOST: '0.0.0.0', PORT: new URL(url).port };
  const child = startWatchIn(env, folder, '--once');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('a file whose job has failed gets another try from the next watch, where that may help', async () => {
  let broken = true;
  const failing = new ScriptedEngine({
    script: () => (broken ? new GatewayError('engine_died') : spoken([['word', 0, 300]])),
  });
  const config = { apiKey: 'secret', maxRetries: 0, retryDelayMs: 10 };
  const { url } = await startGateway(config, { engine: failing });
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a.mp3'), jfkMp3);
  writeFileSync(join(folder, 'no-audio.mp3'), 'no audio at all');
  const watched = async () => {
    const child = startWatch(folder, url, '--once');
    const said = text(child.stdout as Readable);
    return [(await once(child, 'exit'))[0], (await said).trim().split('\n').sort()];
  };
  const notAudio = 'no-audio.mp3: This is not audio that can be decoded. (not_audio)';
  const died = 'a.mp3: The inference worker ended unexpectedly. (engine_died)';
  expect(await watched()).toEqual([1, [died, notAudio]]);
  broken = false;
  expect(await watched()).toEqual([1, ['a.mp3: transcribed', notAudio]]);
  const starts = (await jobs(url)).map(({ name, starts }) => [name, starts]);
  expect(Object.fromEntries(starts)).toEqual({ 'a.mp3': 2, 'no-audio.mp3': 1 });
});

test('--once says that there is no gateway, and ends with 1 when it has waited for it', async () => {
  const folder = temporaryFolder();
  for (const name of ['a.mp3', 'b.mp3']) writeFileSync(join(folder, name), jfkMp3);
  writeFileSync(join(folder, 'empty.mp3'), '');
  const nobody = await unusedAddress();
  const child = startWatch(folder, nobody, '--once', '--wait', '1');
  const said = text(child.stdout as Readable);
  expect(await once(child, 'exit')).toEqual([1, null]);
  const message = `The gateway at ${nobody} cannot be reached: ECONNREFUSED.`;
  expect((await said).trim().split('\n').sort()).toEqual([
    `a.mp3: ${message}`,
    `b.mp3: ${message}`,
  ]);
});

test('--once waits for a gateway that is away for a moment', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a.mp3'), jfkMp3);
  const address = await unusedAddress();
  const child = startWatch(folder, address, '--once');
  const lines = createInterface(child.stdout as Readable);
  const [first] = await once(lines, 'line');
  expect(first).toContain('cannot be reached');
  const port = Number(new URL(address).port);
  await startGateway({ apiKey: 'secret', port }, { engine: engine() });
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(readdirSync(folder).sort()).toEqual(['a.mp3', 'a.mp3.txt']);
});

test('--once ends with 1 at once where the gateway says no', async () => {
  const { url } = await startGateway({ apiKey: 'another' }, { engine: engine() });
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a.mp3'), jfkMp3);
  const child = startWatch(folder, url, '--once', '--wait', '3600');
  const said = text(child.stdout as Readable);
  expect(await once(child, 'exit')).toEqual([1, null]);
  expect(await said).toBe('a.mp3: A valid API key is needed. (invalid_api_key)\n');
});

/** Where nobody listens. */
async function unusedAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}
