import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyWithMetadata, type PiperConfig, type VoiceFolder } from '../../models/index.js';

/** The files that sherpa-onnx is given. */
export interface PreparedVoice {
  readonly family: 'vits' | 'kokoro';
  readonly files: {
    readonly model: string;
    readonly tokens: string;
    readonly dataDir: string;
    readonly lexicon?: string;
    readonly voices?: string;
  };
}

/**
 * Makes of a voice what sherpa-onnx reads. A Piper voice lacks the metadata that it looks for: a copy with
 * that is kept in the hidden folder `.sherpa` beside it, and made anew when the voice has changed.
 * @param dataDir eSpeak NG's data, which turns text into phonemes.
 */
export async function prepareVoice(voice: VoiceFolder, dataDir: string): Promise<PreparedVoice> {
  if (voice.kind.type === 'kokoro') {
    const { lexicons } = voice.kind;
    return {
      family: 'kokoro',
      files: {
        model: voice.onnx,
        tokens: join(voice.path, 'tokens.txt'),
        voices: join(voice.path, 'voices.bin'),
        dataDir,
        ...(lexicons.length > 0 && { lexicon: lexicons.join(',') }),
      },
    };
  }
  const folder = join(voice.path, '.sherpa');
  const model = join(folder, 'model.onnx');
  const tokens = join(folder, 'tokens.txt');
  if (!(await isNewer(tokens, [voice.onnx, `${voice.onnx}.json`]))) {
    await mkdir(folder, { recursive: true });
    const whole = `${model}.${process.pid}.tmp`;
    try {
      await copyWithMetadata(voice.onnx, whole, metadataOf(voice.kind.config));
      await rename(whole, model);
    } finally {
      await rm(whole, { force: true });
    }
    // Last, because its time says that the rest is done.
    await writeFile(tokens, tokensOf(voice.kind.config));
  }
  return { family: 'vits', files: { model, tokens, dataDir } };
}

/** What sherpa-onnx asks of a Piper model (offline-tts-vits-model.cc). */
function metadataOf({ audio, espeak, num_speakers, language }: PiperConfig) {
  return {
    model_type: 'vits',
    comment: 'piper',
    language: language?.name_english ?? espeak.voice,
    voice: espeak.voice,
    has_espeak: '1',
    n_speakers: String(num_speakers),
    sample_rate: String(audio.sample_rate),
  };
}

function tokensOf({ phoneme_id_map }: PiperConfig): string {
  return Object.entries(phoneme_id_map)
    .map(([phoneme, [id]]) => `${phoneme} ${id}\n`)
    .join('');
}

async function isNewer(made: string, sources: readonly string[]): Promise<boolean> {
  const time = (await stat(made).catch(() => null))?.mtimeMs;
  if (time === undefined) return false;
  const times = await Promise.all(sources.map(async (source) => (await stat(source)).mtimeMs));
  return times.every((it) => it < time);
}
