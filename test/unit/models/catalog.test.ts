import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findInCatalog, knownModels, modelCatalog } from '../../../src/models/index.js';
import { bytesOf, headBytes, tensorsOf, type WhisperShape } from '../../support/whisper-file.js';

const whisper = join(
  dirname(createRequire(import.meta.url).resolve('nodejs-whisper/package.json')),
  'cpp/whisper.cpp',
);

/** Width and layers of each size, as OpenAI's paper gives them; turbo has four layers for text. */
const sizes: Readonly<Record<string, readonly [number, number, number]>> = {
  tiny: [384, 4, 4],
  base: [512, 6, 6],
  small: [768, 12, 12],
  medium: [1024, 24, 24],
  large: [1280, 32, 32],
};

/** Bytes of the words of both vocabularies; the first is that of the embedded model's file. */
const vocabularyBytes = { multilingual: 508_089, english: 521_859 };

describe('the catalogue', () => {
  test('has the checksums and sizes that whisper.cpp states', () => {
    const readme = readFileSync(join(whisper, 'models/README.md'), 'utf8');
    const rows = [...readme.matchAll(/^\| (\S+) +\| ([\d.]+) (MiB|GiB) +\| `([0-9a-f]{40})`/gm)];
    expect(rows.length).toBeGreaterThan(10);
    for (const [, name = '', amount = '', unit, sha1] of rows) {
      // It marks turns of speakers, which we do not read, and is another publisher's.
      if (name === 'small.en-tdrz') continue;
      const model = findInCatalog(name);
      expect(model, name).toMatchObject({
        files: [{ checksum: { algorithm: 'sha1', hex: sha1 } }],
      });
      const stated = Number(amount) * (unit === 'GiB' ? 2 ** 30 : 2 ** 20);
      expect(Math.abs((model?.bytes ?? 0) / stated - 1), name).toBeLessThan(0.1);
    }
  });

  test('has every model that whisper.cpp’s download script has', () => {
    const script = readFileSync(join(whisper, 'models/download-ggml-model.sh'), 'utf8');
    const names = /^models="([^"]+)"/m.exec(script)?.[1]?.split(/\s+/) ?? [];
    const elsewhere = ['small.en-tdrz', ...knownModels.map((model) => model.name)];
    const missing = names.filter((name) => !findInCatalog(name) && !elsewhere.includes(name));
    expect(names.length).toBeGreaterThan(25);
    expect(missing).toEqual([]);
  });

  test.each(
    modelCatalog
      .filter(({ kind }) => kind === 'recognition')
      .map((model) => [model.name, model] as const),
  )('%s has the bytes that its dimensions need', (name, model) => {
    const weights = /-(q\d_\d)$/.exec(name)?.[1] ?? 'f16';
    const english = name.includes('.en');
    const [width = 0, audioLayers = 0, textLayers = 0] =
      sizes[/^[a-z]+/.exec(name)?.[0] ?? ''] ?? [];
    const isThird = name.startsWith('large-v3');
    const shape: WhisperShape = {
      width,
      audioLayers,
      textLayers: name.includes('turbo') ? 4 : textLayers,
      words: english ? 51_864 : isThird ? 51_866 : 51_865,
      mels: isThird ? 128 : 80,
    };
    const words = english ? vocabularyBytes.english : vocabularyBytes.multilingual;
    const tensors = tensorsOf(shape, weights as 'f16').map(bytesOf);
    expect(tensors.reduce((sum, bytes) => sum + bytes, headBytes(shape, words))).toBe(model.bytes);
  });

  test('gives no name and no file twice, and none that is embedded', () => {
    const all = [...modelCatalog, ...knownModels];
    expect(new Set(all.map((model) => model.name)).size).toBe(all.length);
    const paths = [...modelCatalog.map(({ path }) => path), ...knownModels.map(({ file }) => file)];
    expect(new Set(paths).size).toBe(all.length);
  });

  test('knows what each model understands', () => {
    expect(findInCatalog('small.en-q5_1')).toMatchObject({ languages: 1 });
    expect(findInCatalog('large-v2')).toMatchObject({ languages: 99 });
    expect(findInCatalog('large-v3-turbo')).toMatchObject({ languages: 100 });
  });

  test('has voices whose files are named by a revision that does not change', () => {
    const voices = modelCatalog.filter(({ kind }) => kind === 'voice');
    expect(voices.map(({ name }) => name)).toEqual([
      'en_US-joe-medium',
      'en_US-ljspeech-medium',
      'de_DE-thorsten-medium',
      'fr_FR-siwis-medium',
      'zh_CN-huayan-medium',
      'kokoro-multi-lang-v1_0',
    ]);
    for (const { name, path, files, bytes, memoryBytes } of voices) {
      expect(path).toBe(`voices/${name}`);
      expect(files.filter((file) => file.name.endsWith('.onnx'))).toHaveLength(1);
      expect(new Set(files.map((file) => file.name)).size).toBe(files.length);
      expect(files.reduce((sum, file) => sum + file.bytes, 0)).toBe(bytes);
      expect(memoryBytes).toBeGreaterThan(bytes);
      for (const file of files) {
        expect(file.hubPath).toMatch(/^[^/]+\/[^/]+\/resolve\/[0-9a-f]{40}\/.+/);
        expect(file.hubPath.endsWith(`/${file.name}`)).toBe(true);
        expect(file.checksum).toMatchObject({
          algorithm: 'sha256',
          hex: expect.stringMatching(/^[0-9a-f]{64}$/),
        });
      }
    }
  });
});
