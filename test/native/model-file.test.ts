import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { addon, expectCode, modelPath, voiceActivityPath } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'model-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

function load(path: string): Promise<unknown> {
  return addon.loadModel({ path, gpu: null, flashAttention: false });
}

/** A file of this content; the path of it. */
function file(name: string, content: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function bytesOf(path: string, length: number): Buffer {
  const descriptor = openSync(path, 'r');
  const bytes = Buffer.alloc(length);
  const count = readSync(descriptor, bytes, 0, length, 0);
  closeSync(descriptor);
  return bytes.subarray(0, count);
}

describe('a model file', () => {
  test('that is missing is not found', async () => {
    await expectCode(load(join(folder, 'none.bin')), 'model_not_found');
    await expectCode(load(join(modelPath, 'none.bin')), 'model_not_found');
    await expectCode(addon.loadVoiceActivity(join(folder, 'none.bin')), 'model_not_found');
  });

  test.each<[string, () => string]>([
    ['empty', () => file('empty.bin', new Uint8Array(0))],
    ['a page of HTML', () => file('page.bin', Buffer.from('<!doctype html>'.repeat(100)))],
    ['a folder', () => folder],
    ['cut in its header', () => file('header.bin', bytesOf(modelPath, 20))],
    ['cut in its vocabulary', () => file('vocabulary.bin', bytesOf(modelPath, 200_000))],
    ['cut in its tensors', () => file('tensors.bin', bytesOf(modelPath, 40_000_001))],
    ['cut in its last tensor', () => file('last.bin', bytesOf(modelPath, 81_768_000))],
    ['longer than it should be', () => file('long.bin', bytesWithTail())],
    ['another kind of model', () => voiceActivityPath],
    [
      'noise after a good magic number',
      () => file('noise.bin', Buffer.concat([bytesOf(modelPath, 4), Buffer.alloc(5_000, 0xa5)])),
    ],
  ])('that is %s is corrupt', async (_, path) => {
    await expectCode(load(path()), 'model_corrupt');
  });

  test('of Whisper is no voice activity model, nor is half of one', async () => {
    await expectCode(addon.loadVoiceActivity(modelPath), 'model_corrupt');
    const half = file('half.bin', bytesOf(voiceActivityPath, 400_000));
    await expectCode(addon.loadVoiceActivity(half), 'model_corrupt');
    const almost = file('almost.bin', bytesOf(voiceActivityPath, 885_000));
    await expectCode(addon.loadVoiceActivity(almost), 'model_corrupt');
  });

  test('that is good still loads afterwards', async () => {
    const model = await addon.loadModel({ path: modelPath, gpu: null, flashAttention: false });
    expect(model.type).toBe('base');
    model.free();
  });
});

function bytesWithTail(): Buffer {
  return Buffer.concat([bytesOf(modelPath, 90_000_000), Buffer.alloc(1_000, 1)]);
}
