import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listVoiceFolders, openVoiceFolder } from '../../../src/models/index.js';
import { copyWithMetadata, readOnnxMetadata } from '../../../src/models/voices/onnx-file.js';
import { prepareVoice } from '../../../src/speech/neural/prepare-voice.js';
import { emptyOnnx, piperDescription } from '../../support/onnx-file.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** A folder of voices with one called `amy`, which has these files. */
function voicesWith(files: Record<string, string | Buffer>): string {
  const dir = temporaryFolder();
  mkdirSync(join(dir, 'amy'));
  for (const [name, contents] of Object.entries(files)) {
    writeFileSync(join(dir, 'amy', name), contents);
    // Long ago, so that whatever is made of it is newer.
    utimesSync(join(dir, 'amy', name), 0, 0);
  }
  return dir;
}

const piper = (description: object = piperDescription) => ({
  'amy.onnx': emptyOnnx(),
  'amy.onnx.json': JSON.stringify(description),
});

describe('metadata of an ONNX model', () => {
  it('is what was appended to it', async () => {
    const dir = voicesWith({ 'amy.onnx': emptyOnnx() });
    const [from, to] = [join(dir, 'amy/amy.onnx'), join(dir, 'copy.onnx')];
    const metadata = { comment: 'piper', long: 'é'.repeat(300) };
    await copyWithMetadata(from, to, metadata);
    expect(Object.fromEntries(await readOnnxMetadata(to))).toEqual(metadata);
    expect(Object.fromEntries(await readOnnxMetadata(from))).toEqual({});
  });
});

describe('a folder of voices', () => {
  it('that does not exist has none', async () => {
    expect(await listVoiceFolders(join(temporaryFolder(), 'nothing'))).toEqual([]);
  });

  it('has a Piper voice as its publisher gives it', async () => {
    const dir = voicesWith(piper());
    expect(await listVoiceFolders(dir)).toEqual(['amy']);
    expect(await openVoiceFolder(dir, 'amy')).toMatchObject({
      language: 'en-us',
      speakers: ['0'],
      kind: { type: 'piper' },
    });
  });

  it('has a Piper voice of several speakers, in the order of their numbers', async () => {
    const several = { ...piperDescription, num_speakers: 2, speaker_id_map: { zoe: 1, ada: 0 } };
    const { speakers } = await openVoiceFolder(voicesWith(piper(several)), 'amy');
    expect(speakers).toEqual(['ada', 'zoe']);
  });

  it('has a Kokoro model in the form of sherpa-onnx', async () => {
    const dir = voicesWith({ 'plain.onnx': emptyOnnx(), 'voices.bin': 'x', 'tokens.txt': 'a 1\n' });
    const plain = join(dir, 'amy/plain.onnx');
    await copyWithMetadata(plain, join(dir, 'amy/model.onnx'), { speaker_names: 'af_sky,am_adam' });
    expect(await openVoiceFolder(dir, 'amy')).toMatchObject({
      language: null,
      speakers: ['af_sky', 'am_adam'],
      kind: { type: 'kokoro', lexicons: [] },
    });
  });

  it.each([
    ['nothing', {}, 'model_unsupported', 'has no .onnx file'],
    ['a model alone', { 'amy.onnx': emptyOnnx() }, 'model_unsupported', 'neither amy.onnx.json'],
    [
      'a model that was cut off',
      { ...piper(), 'amy.onnx': emptyOnnx().subarray(0, 50) },
      'model_corrupt',
      'cut off',
    ],
    [
      'a page instead of a model',
      { ...piper(), 'amy.onnx': '<!doctype html>' },
      'model_corrupt',
      'no ONNX model',
    ],
    ['an empty model', { ...piper(), 'amy.onnx': '' }, 'model_corrupt', 'no ONNX model'],
    ['no JSON', { ...piper(), 'amy.onnx.json': '{' }, 'model_corrupt', 'no description'],
    ['another JSON', piper({ audio: {} }), 'model_corrupt', 'audio.sample_rate'],
    [
      'other phonemes',
      piper({ ...piperDescription, phoneme_type: 'pinyin' }),
      'model_unsupported',
      '"pinyin"',
    ],
  ])('refuses %s', async (_, files, code, words) => {
    await expect(openVoiceFolder(voicesWith(files), 'amy')).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words),
    });
  });
});

it('a Piper voice is prepared once, and again when it has changed', async () => {
  const dir = voicesWith(piper());
  const prepared = await prepareVoice(await openVoiceFolder(dir, 'amy'), 'data');
  expect(prepared.family).toBe('vits');
  expect(readFileSync(prepared.files.tokens, 'utf8')).toBe('_ 0\n^ 1\n$ 2\na 14\n');
  expect(Object.fromEntries(await readOnnxMetadata(prepared.files.model))).toMatchObject({
    comment: 'piper',
    sample_rate: '22050',
    voice: 'en-us',
  });

  writeFileSync(prepared.files.tokens, 'kept');
  await prepareVoice(await openVoiceFolder(dir, 'amy'), 'data');
  expect(readFileSync(prepared.files.tokens, 'utf8')).toBe('kept');

  const other = { ...piperDescription, phoneme_id_map: { b: [7] } };
  writeFileSync(join(dir, 'amy/amy.onnx.json'), JSON.stringify(other));
  await prepareVoice(await openVoiceFolder(dir, 'amy'), 'data');
  expect(readFileSync(prepared.files.tokens, 'utf8')).toBe('b 7\n');
});
