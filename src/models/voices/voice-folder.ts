import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { GatewayError } from '../../errors/index.js';
import { isModelName } from '../store/model-name.js';
import { readOnnxMetadata } from './onnx-file.js';

/** A neural voice model on the disk: a folder of the folder of voices. */
export interface VoiceFolder {
  /** The folder's, which is what a request calls it. */
  readonly name: string;
  readonly path: string;
  readonly onnx: string;
  /** Of the .onnx file. */
  readonly bytes: number;
  /** BCP 47; null where it speaks several languages. */
  readonly language: string | null;
  /** Names of its speakers in the order of their numbers; at least one. */
  readonly speakers: readonly string[];
  readonly kind:
    | { readonly type: 'piper'; readonly config: PiperConfig }
    | { readonly type: 'kokoro'; readonly lexicons: readonly string[] };
}

/** The part of a Piper voice's `.onnx.json` that is used. */
const piperConfig = z.object({
  audio: z.object({ sample_rate: z.int().min(8_000).max(48_000) }),
  espeak: z.object({ voice: z.string().min(1) }),
  phoneme_type: z.string().default('espeak'),
  phoneme_id_map: z.record(z.string(), z.array(z.int()).min(1)),
  num_speakers: z.int().min(1).default(1),
  speaker_id_map: z.record(z.string(), z.int()).default({}),
  language: z.object({ name_english: z.string() }).optional(),
});

export type PiperConfig = z.output<typeof piperConfig>;

/** Whether a voice can have this name: beside its folder are others while it comes. */
export function isVoiceName(name: string): boolean {
  return isModelName(name) && !/\.(part|lock|tmp)$/.test(name);
}

/** Names of the folders in which a neural voice may be; a folder that does not exist has none. */
export async function listVoiceFolders(voicesDir: string): Promise<string[]> {
  const entries = await readdir(voicesDir, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && isVoiceName(entry.name))
    .map(({ name }) => name)
    .sort();
}

/**
 * Looks at what is in a folder: a Piper voice (`X.onnx` and `X.onnx.json`, as its publisher gives them),
 * or a Kokoro model (an `.onnx` with sherpa-onnx's metadata, `voices.bin` and `tokens.txt`).
 * @throws GatewayError `model_corrupt` or `model_unsupported`, which say what is wrong with it.
 */
export async function openVoiceFolder(voicesDir: string, name: string): Promise<VoiceFolder> {
  const path = join(voicesDir, name);
  const files = await readdir(path);
  const file = files.filter((it) => it.endsWith('.onnx')).sort()[0];
  if (!file) throw unsupported(name, 'has no .onnx file');
  const onnx = join(path, file);
  const { size: bytes } = await stat(onnx);
  const metadata = await readOnnxMetadata(onnx);
  if (files.includes(`${file}.json`)) return await openPiper({ name, path, onnx, bytes });
  if (!files.includes('voices.bin') || !files.includes('tokens.txt')) {
    throw unsupported(
      name,
      `has neither ${file}.json (Piper) nor voices.bin and tokens.txt (Kokoro)`,
    );
  }
  const lexicons = files.filter((it) => /^lexicon.*\.txt$/.test(it)).map((it) => join(path, it));
  const speakers =
    metadata.get('speaker_names')?.split(',') ?? numbered(metadata.get('n_speakers'));
  if (speakers.length === 0) throw unsupported(name, 'does not say how many speakers it has');
  const kind = { type: 'kokoro', lexicons } as const;
  return { name, path, onnx, bytes, language: null, speakers, kind };
}

async function openPiper(
  found: Pick<VoiceFolder, 'name' | 'path' | 'onnx' | 'bytes'>,
): Promise<VoiceFolder> {
  const { name, onnx } = found;
  const text = await readFile(`${onnx}.json`, 'utf8');
  const config = piperConfig.safeParse(parseJson(text));
  if (!config.success) {
    const [issue] = config.error.issues;
    throw new GatewayError('model_corrupt', {
      message: `${onnx}.json is no description of a Piper voice: ${issue?.path.join('.')}: ${issue?.message}`,
    });
  }
  const { phoneme_type, espeak, num_speakers, speaker_id_map } = config.data;
  if (phoneme_type !== 'espeak') {
    throw unsupported(name, `takes phonemes of the kind "${phoneme_type}" instead of eSpeak NG's`);
  }
  const named = Object.entries(speaker_id_map).sort(([, a], [, b]) => a - b);
  return {
    ...found,
    language: espeak.voice,
    speakers:
      named.length === num_speakers && num_speakers > 1
        ? named.map(([speaker]) => speaker)
        : numbered(String(num_speakers)),
    kind: { type: 'piper', config: config.data },
  };
}

function numbered(count: string | undefined): string[] {
  return Array.from({ length: Number(count) || 0 }, (_, index) => String(index));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unsupported(name: string, why: string): GatewayError {
  return new GatewayError('model_unsupported', { message: `The voice "${name}" ${why}.` });
}
