import { copyFile, mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { packageRoot } from '../../../src/config/index.js';
import {
  embeddedModel,
  embeddedVoiceActivityModel,
  knownModels,
  resolveModel,
} from '../../../src/models/index.js';

const models = join(packageRoot, 'models');
const small = embeddedVoiceActivityModel;

/** A folder with a copy of the small model in it. */
async function folderWithModel(): Promise<{ dir: string; path: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'models-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const path = join(dir, small.file);
  await copyFile(join(models, small.file), path);
  return { dir, path };
}

describe('a model', () => {
  test.each(knownModels)(
    '$name comes with the gateway, and is what it should be',
    async (model) => {
      expect(await resolveModel(model.name, models)).toBe(join(models, model.file));
    },
  );

  test('of an unknown name is not found, and the known names are told', async () => {
    await expect(resolveModel('huge', models)).rejects.toMatchObject({
      code: 'model_not_found',
      message: expect.stringContaining(embeddedModel.name),
    });
  });

  test('whose file is missing is not found', async () => {
    const { dir, path } = await folderWithModel();
    await rm(path);
    await expect(resolveModel(small.name, dir)).rejects.toMatchObject({
      code: 'model_not_found',
      message: expect.stringContaining(small.file),
    });
  });

  test('that was cut off is corrupt', async () => {
    const { dir, path } = await folderWithModel();
    await truncate(path, 1_000);
    await expect(resolveModel(small.name, dir)).rejects.toMatchObject({
      code: 'model_corrupt',
      message: expect.stringContaining('1000 bytes instead of 885102'),
    });
  });

  test('with one wrong byte is corrupt', async () => {
    const { dir, path } = await folderWithModel();
    const file = await open(path, 'r+');
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 500_000);
    await file.write(Buffer.from([(buffer[0] as number) ^ 1]), 0, 1, 500_000);
    await file.close();
    await expect(resolveModel(small.name, dir)).rejects.toMatchObject({
      code: 'model_corrupt',
      message: expect.stringContaining('SHA-256'),
    });
  });

  test('of one’s own is taken by its path', async () => {
    const { dir } = await folderWithModel();
    const path = join(dir, 'own.bin');
    await writeFile(path, 'unchecked');
    expect(await resolveModel(path, models)).toBe(path);
    expect(await resolveModel('own.bin', dir)).toBe(path);
    await expect(resolveModel('other.bin', dir)).rejects.toMatchObject({ code: 'model_not_found' });
    await expect(resolveModel(dir, dir)).rejects.toMatchObject({ code: 'model_not_found' });
  });
});
