import { copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../../src/config/index.js';
import {
  embeddedModel,
  embeddedVoiceActivityModel,
  importModel,
  listModels,
  removeModel,
  restoreEmbedded,
  verifyModels,
} from '../../../src/models/index.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { whisperFile } from '../../support/whisper-file.js';

const shape = { width: 32, audioLayers: 1, textLayers: 1, words: 51_865, mels: 80 };
const contents = whisperFile(shape);

/** A file beside an empty folder of models. */
function given(bytes: Buffer | string, file = 'ggml-own.bin'): { source: string; dir: string } {
  const folder = temporaryFolder();
  const source = join(folder, file);
  writeFileSync(source, bytes);
  return { source, dir: join(folder, 'models') };
}

const here = async (dir: string) => (await listModels(dir)).filter((model) => model.path !== null);
const names = async (dir: string) => (await here(dir)).map((model) => model.name);

describe('importing a file', () => {
  test('copies it, by the name that its file name says', async () => {
    const { source, dir } = given(contents);
    expect(await importModel(source, dir)).toEqual({
      name: 'own',
      path: join(dir, 'ggml-own.bin'),
      kind: 'recognition',
    });
    expect(readdirSync(dir).sort()).toEqual(['ggml-own.bin', 'ggml-own.bin.record.json']);
    expect(existsSync(source)).toBe(true);
    expect((await here(dir)).at(-1)).toMatchObject({
      name: 'own',
      bytes: contents.length,
      origin: 'own',
      languages: 99,
      check: { state: 'ok' },
    });
  });

  test('takes the embedded model, real as it is, under another name', async () => {
    const dir = temporaryFolder();
    const { path } = await importModel(
      join(packageRoot, 'models', embeddedModel.file),
      dir,
      'mine',
    );
    expect(path).toBe(join(dir, 'ggml-mine.bin'));
  });

  test('that knows English only is listed so', async () => {
    const { source, dir } = given(whisperFile({ ...shape, words: 51_864 }));
    await importModel(source, dir);
    expect((await here(dir)).at(-1)).toMatchObject({ languages: 1 });
  });

  test.each([
    ['GGUF', 'GGUF\u0003\0\0\0', /GGUF.*whisper\.cpp does not read/],
    ['PyTorch', 'PK\u0003\u0004', /ZIP.*PyTorch.*convert/],
    ['safetensors', '\u0010\0\0\0\0\0\0\0{"__metadata__":', /safetensors.*convert/],
    ['Git LFS', 'version https://git-lfs.github.com/spec/v1\n', /git lfs pull/],
    ['a web page', '<!DOCTYPE html><title>Not found</title>', /web page/],
    ['nothing', '', /empty/],
    ['text', 'Hello, this is a letter.', /not a model in the ggml format/],
  ])('refuses %s, and says what it is', async (_what, bytes, words) => {
    const { source, dir } = given(bytes);
    await expect(importModel(source, dir)).rejects.toMatchObject({
      code: 'model_unsupported',
      message: expect.stringMatching(words),
    });
    expect(existsSync(dir)).toBe(false);
  });

  test('refuses a ggml file that is no speech model', async () => {
    const source = join(packageRoot, 'models', embeddedVoiceActivityModel.file);
    await expect(importModel(source, temporaryFolder())).rejects.toMatchObject({
      code: 'model_unsupported',
      message: expect.stringContaining('not a Whisper speech model'),
    });
  });

  test.each([4, 30, 60, 10_000, 64_300, 64_400, contents.length - 1])(
    'refuses a model cut off after %d bytes',
    async (bytes) => {
      const { source, dir } = given(contents.subarray(0, bytes));
      await expect(importModel(source, dir)).rejects.toMatchObject({ code: 'model_corrupt' });
    },
  );

  test('refuses a model with something behind it', async () => {
    const { source, dir } = given(Buffer.concat([contents, Buffer.alloc(40)]));
    await expect(importModel(source, dir)).rejects.toMatchObject({ code: 'model_corrupt' });
  });

  test('refuses a name that is taken', async () => {
    const { source, dir } = given(contents);
    await importModel(source, dir);
    const taken = { code: 'model_exists', message: expect.stringContaining('--name') };
    await expect(importModel(source, dir)).rejects.toMatchObject(taken);
    await expect(importModel(source, dir, 'base-q8_0')).rejects.toMatchObject(taken);
    await expect(importModel(source, dir, 'small')).rejects.toMatchObject(taken);
    expect(await names(dir)).toEqual(['base-q8_0', 'own']);
  });

  test.each(['../up', 'a/b', '', '.hidden', '-x'])('refuses the name "%s"', async (name) => {
    const { source, dir } = given(contents);
    await expect(importModel(source, dir, name)).rejects.toMatchObject({ code: 'bad_field' });
  });

  test('that is not there is not found', async () => {
    await expect(importModel('/no/such/file', temporaryFolder())).rejects.toMatchObject({
      code: 'model_not_found',
    });
  });
});

describe('a folder of models', () => {
  test('that is missing has the embedded model nevertheless', async () => {
    expect(await names('/no/such/folder')).toEqual([embeddedModel.name]);
  });

  test('shows files that somebody put there, by what they are', async () => {
    const dir = temporaryFolder();
    writeFileSync(join(dir, 'ggml-theirs.bin'), contents);
    writeFileSync(join(dir, 'other.bin'), 'not a model');
    writeFileSync(join(dir, 'ggml-tiny.bin'), 'half of it');
    writeFileSync(join(dir, 'ggml-base.bin.part'), 'twelve bytes');
    expect(await here(dir)).toMatchObject([
      { name: 'base-q8_0', origin: 'embedded', check: { state: 'ok' } },
      { name: 'tiny', origin: 'catalogue', check: { state: 'damaged' } },
      { name: 'theirs', origin: 'own', check: { state: 'unknown' } },
      { name: 'other.bin', origin: 'own', check: { state: 'damaged' } },
    ]);
    const base = (await listModels(dir)).find((model) => model.name === 'base');
    expect(base).toMatchObject({ path: null, partBytes: 12 });
  });

  test('is verified by reading it', async () => {
    const { source, dir } = given(contents);
    const { path } = await importModel(source, dir);
    const changed = Buffer.from(contents);
    changed[100_000] = 1;
    expect((await verifyModels(dir, 'own'))[0]?.check.state).toBe('ok');
    writeFileSync(path, changed);
    const all = await verifyModels(dir, null);
    expect(all.map(({ name, check }) => [name, check.state])).toEqual([
      ['base-q8_0', 'ok'],
      ['own', 'damaged'],
      ['silero-v6.2.3', 'ok'],
    ]);
  });

  test('has nothing to verify of a model that is not here', async () => {
    await expect(verifyModels(temporaryFolder(), 'tiny')).rejects.toMatchObject({
      code: 'model_not_found',
    });
  });

  test('loses what is removed, records and unfinished downloads included', async () => {
    const { source, dir } = given(contents);
    await importModel(source, dir);
    writeFileSync(join(dir, 'ggml-tiny.bin.part'), 'twelve bytes');
    expect(await removeModel('own', dir)).toBe(contents.length);
    expect(await removeModel('tiny', dir)).toBe(12);
    expect(readdirSync(dir)).toEqual([]);
  });

  test.each([
    ['base-q8_0', 'bad_field'],
    ['tiny', 'model_not_found'],
    ['../models/ggml-own', 'model_not_found'],
  ])('does not lose %s', async (name, code) => {
    const { source, dir } = given(contents);
    await importModel(source, dir);
    await expect(removeModel(name, dir)).rejects.toMatchObject({ code });
    expect(await names(dir)).toEqual(['base-q8_0', 'own']);
  });
});

describe.skipIf(!existsSync(join(packageRoot, '.git')))('an embedded model', () => {
  test('is restored from git', async () => {
    const path = join(temporaryFolder(), 'models', embeddedVoiceActivityModel.file);
    await restoreEmbedded(embeddedVoiceActivityModel, path);
    expect(existsSync(path)).toBe(true);
    expect(readdirSync(join(path, '..'))).toEqual([embeddedVoiceActivityModel.file]);
  });

  test('that git does not have is not replaced by anything', async () => {
    const dir = temporaryFolder();
    const path = join(dir, 'mine.bin');
    copyFileSync(join(packageRoot, 'package.json'), path);
    const other = { ...embeddedVoiceActivityModel, file: 'no-such-file.bin' };
    await expect(restoreEmbedded(other, path)).rejects.toMatchObject({ code: 'model_not_found' });
    expect(readdirSync(dir)).toEqual(['mine.bin']);
  });
});
