import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  availableModels,
  findInCatalog,
  importModel,
  listModels,
  listVoiceFolders,
  type PullEvent,
  pullModel,
  removeModel,
  resolveModel,
  verifyModels,
} from '../../../src/models/index.js';
import {
  type Answer,
  answerStatus,
  breakAfter,
  type HubServer,
  serveFiles,
  startHub,
} from '../../support/hub-server.js';
import { emptyOnnx, piperDescription } from '../../support/onnx-file.js';
import { smallVoice } from '../../support/small-model.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { whisperFile } from '../../support/whisper-file.js';

const patience = { stallMs: 10_000, tries: 2, delayMs: 5, maxDelayMs: 50 };
const contents = {
  'amy.onnx': randomBytes(800_000),
  'amy.onnx.json': Buffer.from(JSON.stringify(piperDescription)),
};
const voice = smallVoice('amy', contents);
const onHub = {
  '/some/voice/amy.onnx': contents['amy.onnx'],
  '/some/voice/amy.onnx.json': contents['amy.onnx.json'],
};
const whole = [
  'amy.onnx',
  'amy.onnx.json',
  'amy.onnx.json.record.json',
  'amy.onnx.record.json',
] as const;

async function pullFrom(hub: HubServer, dir = temporaryFolder()) {
  const events: PullEvent[] = [];
  const onEvent = (event: PullEvent) => void events.push(event);
  const pulled = await pullModel(voice, { dir, hubUrl: hub.url, patience, onEvent }).catch(
    (error: unknown) => error as Error & { code: string },
  );
  return { dir, voices: join(dir, 'voices'), events, pulled };
}

const asked = (hub: HubServer) => hub.requests.map(({ url }) => url);

describe('pulling a voice', () => {
  test('brings all of its files into a folder, and nothing else', async () => {
    const { voices, pulled } = await pullFrom(await startHub(serveFiles(onHub)));
    expect(pulled).toEqual({ path: join(voices, 'amy'), downloaded: true });
    expect(readdirSync(voices)).toEqual(['amy']);
    expect(readdirSync(join(voices, 'amy')).sort()).toEqual(whole);
    for (const [name, bytes] of Object.entries(contents)) {
      expect(readFileSync(join(voices, 'amy', name)).equals(bytes)).toBe(true);
    }
  });

  test('counts the bytes of all files', async () => {
    const { events } = await pullFrom(await startHub(serveFiles(onHub)));
    const bytes = events.flatMap((event) => ('bytes' in event ? [event.bytes] : []));
    expect(bytes.at(0)).toBe(0);
    expect(bytes.at(-1)).toBe(voice.bytes);
    expect(Math.max(...bytes)).toBe(voice.bytes);
  });

  test('shows no voice until all files are here, and then asks for the missing ones', async () => {
    const missing = await startHub(serveFiles({ '/some/voice/amy.onnx': contents['amy.onnx'] }));
    const { dir, voices, pulled } = await pullFrom(missing);
    expect(pulled).toMatchObject({
      code: 'model_download_failed',
      message: expect.stringContaining('amy.onnx.json'),
    });
    expect(readdirSync(voices)).toEqual(['amy.part']);
    expect(await listVoiceFolders(voices)).toEqual([]);
    const hub = await startHub(serveFiles(onHub));
    expect((await pullFrom(hub, dir)).pulled).toMatchObject({ downloaded: true });
    expect(asked(hub)).toEqual(['/some/voice/amy.onnx.json']);
    expect(readdirSync(join(voices, 'amy')).sort()).toEqual(whole);
  });

  test('continues in the middle of a file', async () => {
    const half: Answer = breakAfter(400_000, contents['amy.onnx']);
    const { dir } = await pullFrom(await startHub(half, answerStatus(404)));
    const hub = await startHub(serveFiles(onHub));
    const { voices } = await pullFrom(hub, dir);
    expect(hub.requests[0]?.headers.range).toMatch(/^bytes=\d+-$/);
    expect(readFileSync(join(voices, 'amy/amy.onnx')).equals(contents['amy.onnx'])).toBe(true);
  });

  test('refuses a file that is another, and says which', async () => {
    const other = { ...onHub, '/some/voice/amy.onnx': randomBytes(800_000) };
    const { voices, pulled } = await pullFrom(await startHub(serveFiles(other)));
    expect(pulled).toMatchObject({
      code: 'model_corrupt',
      message: expect.stringMatching(/is not amy\.onnx: its SHA-256 is/),
    });
    expect(await listVoiceFolders(voices)).toEqual([]);
  });

  test('asks nobody for what is here, and replaces what is damaged', async () => {
    const { dir, voices } = await pullFrom(await startHub(serveFiles(onHub)));
    const hub = await startHub(serveFiles(onHub));
    expect((await pullFrom(hub, dir)).pulled).toMatchObject({ downloaded: false });
    expect(hub.requests).toEqual([]);
    truncateSync(join(voices, 'amy/amy.onnx'), 1_000);
    expect((await pullFrom(hub, dir)).pulled).toMatchObject({ downloaded: true });
    expect(readFileSync(join(voices, 'amy/amy.onnx')).equals(contents['amy.onnx'])).toBe(true);
    expect(readdirSync(voices)).toEqual(['amy']);
  });

  test('by several at once loads every file once', async () => {
    const hub = await startHub(serveFiles(onHub));
    const dir = temporaryFolder();
    const pulls = [1, 2, 3].map(() => pullModel(voice, { dir, hubUrl: hub.url, patience }));
    const downloaded = (await Promise.all(pulls)).filter((pulled) => pulled.downloaded);
    expect(downloaded).toHaveLength(1);
    expect(asked(hub).sort()).toEqual(Object.keys(onHub).sort());
  });

  test('needs room for all of it before it begins', async () => {
    const hub = await startHub(serveFiles(onHub));
    const huge = { ...voice, bytes: 2 ** 60 };
    const pulled = pullModel(huge, { dir: temporaryFolder(), hubUrl: hub.url, patience });
    await expect(pulled).rejects.toMatchObject({ code: 'disk_full' });
    expect(hub.requests).toEqual([]);
  });
});

/** The folder of a Piper voice beside an empty folder of models. */
function given(files: Readonly<Record<string, string | Buffer>> = {}) {
  const folder = temporaryFolder();
  const source = join(folder, 'bob');
  mkdirSync(join(source, 'espeak-ng-data'), { recursive: true });
  const voiceFiles = { 'x.onnx': emptyOnnx(), 'x.onnx.json': JSON.stringify(piperDescription) };
  for (const [name, bytes] of Object.entries({ ...voiceFiles, ...files })) {
    writeFileSync(join(source, name), bytes);
  }
  return { source, dir: join(folder, 'models') };
}

const voicesHere = async (dir: string) =>
  (await listModels(dir)).filter(({ kind, path }) => kind === 'voice' && path !== null);

describe('a voice of one’s own', () => {
  test('is imported with its files alone, and listed', async () => {
    const { source, dir } = given({ '.hidden': 'x' });
    const path = join(dir, 'voices/bob');
    expect(await importModel(source, dir)).toEqual({ name: 'bob', path, kind: 'voice' });
    expect(readdirSync(join(dir, 'voices'))).toEqual(['bob']);
    expect(readdirSync(path).filter((name) => !name.endsWith('.record.json'))).toEqual([
      'x.onnx',
      'x.onnx.json',
    ]);
    expect(await voicesHere(dir)).toMatchObject([
      {
        name: 'bob',
        origin: 'own',
        path,
        language: 'en-us',
        licence: null,
        check: { state: 'ok' },
      },
    ]);
  });

  test('is verified by reading it', async () => {
    const { source, dir } = given();
    const { path } = await importModel(source, dir, 'mine');
    expect(await verifyModels(dir, 'mine')).toMatchObject([{ path, check: { state: 'ok' } }]);
    writeFileSync(join(path, 'x.onnx.json'), JSON.stringify({ ...piperDescription, other: 1 }));
    expect(await verifyModels(dir, 'mine')).toMatchObject([
      { check: { state: 'damaged', problem: expect.stringMatching(/x\.onnx\.json .*SHA-256/) } },
    ]);
  });

  test('is removed with its records', async () => {
    const { source, dir } = given();
    await importModel(source, dir);
    expect(await removeModel('bob', dir)).toBeGreaterThan(emptyOnnx().length);
    expect(readdirSync(join(dir, 'voices'))).toEqual([]);
    await expect(removeModel('bob', dir)).rejects.toMatchObject({ code: 'model_not_found' });
  });

  test('that was put there by hand is listed, also where it is broken', async () => {
    const { source, dir } = given();
    await importModel(source, dir);
    const byHand = (name: string, files: Record<string, string | Buffer>) => {
      mkdirSync(join(dir, 'voices', name));
      for (const [file, bytes] of Object.entries(files)) {
        writeFileSync(join(dir, 'voices', name, file), bytes);
      }
    };
    byHand('empty', {});
    byHand('whole', { 'a.onnx': emptyOnnx(), 'a.onnx.json': JSON.stringify(piperDescription) });
    expect(await voicesHere(dir)).toMatchObject([
      { name: 'bob', check: { state: 'ok' } },
      { name: 'empty', check: { state: 'damaged' } },
      { name: 'whole', check: { state: 'unknown' } },
    ]);
  });

  test.each([
    ['no model', { 'x.onnx': '<!doctype html>' }, 'model_corrupt'],
    [
      'other phonemes',
      { 'x.onnx.json': JSON.stringify({ ...piperDescription, phoneme_type: 'pinyin' }) },
      'model_unsupported',
    ],
  ])('with %s is refused', async (_, files, code) => {
    const { source, dir } = given(files);
    await expect(importModel(source, dir)).rejects.toMatchObject({ code });
    expect(existsSync(dir)).toBe(false);
  });

  test('gets no name that is taken, or that belongs to a download', async () => {
    const { source, dir } = given();
    const taken = { code: 'model_exists', message: expect.stringContaining('--name') };
    await importModel(source, dir);
    await expect(importModel(source, dir)).rejects.toMatchObject(taken);
    for (const name of ['en_US-joe-medium', 'small', 'base-q8_0']) {
      await expect(importModel(source, dir, name)).rejects.toMatchObject(taken);
    }
    await expect(importModel(source, dir, 'x.part')).rejects.toMatchObject({ code: 'bad_field' });
    const file = join(dir, 'source.bin');
    writeFileSync(
      file,
      whisperFile({ width: 32, audioLayers: 1, textLayers: 1, words: 51_865, mels: 80 }),
    );
    await expect(importModel(file, dir, 'bob')).rejects.toMatchObject(taken);
  });
});

describe('voices among the models', () => {
  test('are no models that speech is recognised with', async () => {
    const { source, dir } = given();
    await importModel(source, dir);
    expect((await availableModels(dir)).map(({ name }) => name)).toEqual(['base-q8_0']);
    for (const name of ['bob', 'en_US-joe-medium']) {
      await expect(resolveModel(name, dir)).rejects.toMatchObject({
        code: 'model_not_found',
        message: expect.stringContaining('There is no model'),
      });
    }
  });

  test('show what an unfinished download has brought, until it is removed', async () => {
    const dir = temporaryFolder();
    const part = join(dir, 'voices/en_US-joe-medium.part');
    mkdirSync(part, { recursive: true });
    writeFileSync(join(part, 'en_US-joe-medium.onnx.part'), 'twelve bytes');
    const listed = (await listModels(dir)).filter(({ partBytes }) => partBytes > 0);
    expect(listed).toMatchObject([{ name: 'en_US-joe-medium', path: null, partBytes: 12 }]);
    expect(await removeModel('en_US-joe-medium', dir)).toBe(12);
    expect(readdirSync(join(dir, 'voices'))).toEqual([]);
  });

  test('of the catalogue are damaged where a file is missing or has another length', async () => {
    const dir = temporaryFolder();
    const kokoro = findInCatalog('kokoro-multi-lang-v1_0');
    const path = join(dir, kokoro?.path ?? '');
    mkdirSync(path, { recursive: true });
    const checks = async () => (await voicesHere(dir)).map(({ check }) => check);
    expect(await checks()).toEqual([
      { state: 'damaged', problem: 'has a damaged part: model.onnx is missing' },
    ]);
    for (const { name, bytes } of kokoro?.files ?? []) {
      writeFileSync(join(path, name), '');
      truncateSync(join(path, name), bytes);
    }
    expect(await checks()).toEqual([{ state: 'unread' }]);
    truncateSync(join(path, 'tokens.txt'), 1);
    expect(await checks()).toEqual([
      { state: 'damaged', problem: 'has a damaged part: tokens.txt has 1 bytes instead of 687' },
    ]);
  });
});
