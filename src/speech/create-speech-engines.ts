import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../config/index.js';
import { listVoiceFolders, openVoiceFolder } from '../models/index.js';
import { EspeakEngine } from './espeak/espeak-engine.js';
import { NeuralEngine, type NeuralOptions } from './neural/neural-engine.js';
import type { SpeechEngine } from './speech-engine.js';
import type { SpeechEngines } from './speech-service.js';

export interface SpeechEnginesOptions extends Omit<NeuralOptions, 'entry' | 'espeakData'> {
  /** Folder of the neural voices, one folder each; it need not exist. */
  readonly voicesDir: string;
  /** Told of a voice that is there and cannot be used. */
  readonly onUnusable: (name: string, error: unknown) => void;
}

/** The embedded voice, and every neural voice of a folder, also those that come while it runs. */
export function createSpeechEngines(options: SpeechEnginesOptions): SpeechEngines {
  const { voicesDir } = options;
  const espeakEntry = join(packageRoot, 'dist/speech/espeak/espeak-main.js');
  const espeak = new EspeakEngine(espeakEntry, options);
  const neural = new Map<string, NeuralEngine>();
  let exporting: Promise<string> | undefined;

  const neuralOptions: NeuralOptions = {
    ...options,
    entry: join(packageRoot, 'dist/speech/neural/neural-main.js'),
    espeakData: () => {
      exporting ??= espeakDataIn(voicesDir, espeak).catch((error: unknown) => {
        exporting = undefined;
        throw error;
      });
      return exporting;
    },
  };

  async function find(model: string): Promise<SpeechEngine | null> {
    if (model === espeak.model) return espeak;
    if (!(await listVoiceFolders(voicesDir)).includes(model)) return null;
    const known = neural.get(model);
    if (known) return known;
    const engine = new NeuralEngine(await openVoiceFolder(voicesDir, model), neuralOptions);
    // Of two requests at the same time, the first one's stays.
    const first = neural.get(model) ?? engine;
    neural.set(model, first);
    return first;
  }

  async function list(): Promise<SpeechEngine[]> {
    const names = await listVoiceFolders(voicesDir);
    const found = await Promise.all(
      names.map((name) =>
        find(name).catch((error: unknown) => {
          options.onUnusable(name, error);
          return null;
        }),
      ),
    );
    return [espeak, ...found.filter((engine) => engine !== null)];
  }

  return {
    find,
    list,
    get processes() {
      return [...neural.values()].filter(({ loaded }) => loaded).length;
    },
    close: async () => {
      await Promise.all([espeak.close(), ...[...neural.values()].map((it) => it.close())]);
    },
  };
}

/** eSpeak NG's data as files, from the package that has them; written once. */
async function espeakDataIn(voicesDir: string, espeak: EspeakEngine): Promise<string> {
  const folder = join(voicesDir, '.espeak-ng-data');
  const isThere = await access(folder).then(
    () => true,
    () => false,
  );
  if (isThere) return folder;
  const whole = `${folder}.${process.pid}.tmp`;
  await mkdir(voicesDir, { recursive: true });
  try {
    await espeak.exportData(whole);
    await rename(whole, folder);
  } finally {
    await rm(whole, { recursive: true, force: true });
  }
  return folder;
}
