import { appendFileSync, copyFileSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { open, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../../src/config/index.js';
import {
  embeddedVoiceActivityModel,
  importModel,
  knownModels,
  resolveModel,
} from '../../../src/models/index.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { whisperFile } from '../../support/whisper-file.js';

const models = join(packageRoot, 'models');
const small = embeddedVoiceActivityModel;
const shape = { width: 32, audioLayers: 1, textLayers: 1, words: 51_865, mels: 80 };

/** A folder with a copy of the small embedded model in it. */
function folderWithModel(): { dir: string; path: string } {
  const dir = temporaryFolder();
  const path = join(dir, small.file);
  copyFileSync(join(models, small.file), path);
  return { dir, path };
}

/** A folder with a model of somebody's own in it. */
async function folderWithOwn(): Promise<{ dir: string; path: string }> {
  const dir = temporaryFolder();
  const source = join(dir, 'source');
  writeFileSync(source, whisperFile(shape));
  const { path } = await importModel(source, dir, 'own');
  return { dir, path };
}

describe('a model that comes with the gateway', () => {
  test.each(knownModels)('is what it should be: $name', async (model) => {
    expect(await resolveModel(model.name, models)).toBe(join(models, model.file));
  });

  test('is found whatever the folder of models is', async () => {
    expect(await resolveModel(small.name, temporaryFolder())).toBe(join(models, small.file));
    expect(await resolveModel(small.name, '/no/such/folder')).toBe(join(models, small.file));
  });

  test('is corrupt where it was cut off', async () => {
    const { dir, path } = folderWithModel();
    await truncate(path, 1_000);
    await expect(resolveModel(small.name, dir)).rejects.toMatchObject({
      code: 'model_corrupt',
      message: expect.stringContaining('1000 bytes instead of 885102'),
    });
  });

  test('is corrupt with one wrong byte', async () => {
    const { dir, path } = folderWithModel();
    const file = await open(path, 'r+');
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 500_000);
    await file.write(Buffer.from([(buffer[0] as number) ^ 1]), 0, 1, 500_000);
    await file.close();
    await expect(resolveModel(small.name, dir)).rejects.toMatchObject({
      code: 'model_corrupt',
      message: expect.stringContaining('doctor --fix'),
    });
  });
});

describe('a model of the catalogue', () => {
  test('that is not here is not found, and the command that gets it is said', async () => {
    await expect(resolveModel('large-v3-turbo', models)).rejects.toMatchObject({
      code: 'model_not_found',
      message: expect.stringContaining('whisper-gateway models pull large-v3-turbo'),
    });
  });

  test('of another length is corrupt', async () => {
    const dir = temporaryFolder();
    writeFileSync(join(dir, 'ggml-tiny.bin'), 'half of it');
    await expect(resolveModel('tiny', dir)).rejects.toMatchObject({
      code: 'model_corrupt',
      message: expect.stringContaining('whisper-gateway models pull tiny'),
    });
  });

  test('with other contents of its length is corrupt', async () => {
    const dir = temporaryFolder();
    const path = join(dir, 'ggml-tiny-q5_1.bin');
    writeFileSync(path, '');
    await truncate(path, 32_152_673);
    await expect(resolveModel('tiny-q5_1', dir)).rejects.toMatchObject({
      code: 'model_corrupt',
      message: expect.stringContaining('SHA-1'),
    });
  });
});

describe('a model of one’s own', () => {
  test('is found by the name that it was imported under', async () => {
    const { dir, path } = await folderWithOwn();
    expect(await resolveModel('own', dir)).toBe(path);
  });

  test('is corrupt once its contents are no longer those that were imported', async () => {
    const { dir, path } = await folderWithOwn();
    appendFileSync(path, '!');
    await expect(resolveModel('own', dir)).rejects.toMatchObject({ code: 'model_corrupt' });
  });

  test('is read again where only its date has changed, and noted', async () => {
    const { dir, path } = await folderWithOwn();
    const before = readFileSync(`${path}.record.json`, 'utf8');
    utimesSync(path, new Date(0), new Date(0));
    expect(await resolveModel('own', dir)).toBe(path);
    expect(JSON.parse(before)).not.toMatchObject({ modifiedMs: 0 });
    expect(JSON.parse(readFileSync(`${path}.record.json`, 'utf8'))).toMatchObject({
      modifiedMs: 0,
    });
  });

  test('is taken by its path', async () => {
    const { dir } = folderWithModel();
    const path = join(dir, 'own.bin');
    writeFileSync(path, 'unchecked');
    expect(await resolveModel(path, models)).toBe(path);
    expect(await resolveModel('own.bin', dir)).toBe(path);
    await expect(resolveModel('other.bin', dir)).rejects.toMatchObject({ code: 'model_not_found' });
    await expect(resolveModel(dir, dir)).rejects.toMatchObject({ code: 'model_not_found' });
  });

  test('of an unknown name is not found', async () => {
    await expect(resolveModel('huge', models)).rejects.toMatchObject({
      code: 'model_not_found',
      message: expect.stringContaining('models list'),
    });
  });

  test('cannot be reached by a name that is a path', async () => {
    const { dir } = await folderWithOwn();
    await expect(resolveModel(`../${dir}/own`, dir)).rejects.toMatchObject({
      code: 'model_not_found',
    });
  });
});
