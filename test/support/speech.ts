import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../src/config/index.js';
import type { SpeechEngines } from '../../src/speech/index.js';
import { newestFfmpeg } from './decoder-fixtures.js';
import { temporaryFolder } from './temporary-folder.js';

/** A request for speech that an OpenAI client would send, with these fields beside the usual ones. */
export function requestSpeech(
  url: string,
  fields: object,
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${url}/v1/audio/speech`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'tts-1', voice: 'alloy', ...fields }),
    ...(signal && { signal }),
  });
}

/** Whatever ffmpeg decodes, as mono s16 samples of this rate. */
export function samplesAt(rate: number, file: Uint8Array, ...input: string[]): Int16Array {
  const output = ['-f', 's16le', '-ar', String(rate), '-ac', '1', 'pipe:1'];
  const bytes = execFileSync(
    newestFfmpeg.path,
    ['-v', 'error', ...input, '-i', 'pipe:0', ...output],
    {
      input: file,
      maxBuffer: 1 << 28,
    },
  );
  return new Int16Array(new Uint8Array(bytes).buffer);
}

/** An engine that hums every sentence for as long as it is told, once it is allowed to. */
export function humming(options: {
  readonly seconds: number;
  /** Called with each sentence; it is hummed when that resolves. */
  readonly before?: (sentence: string) => Promise<void> | void;
}): SpeechEngines {
  const sampleRate = 16_000;
  const hum = Int16Array.from({ length: options.seconds * sampleRate }, (_, index) =>
    Math.round(8_000 * Math.sin((2 * Math.PI * 220 * index) / sampleRate)),
  );
  const engine = {
    loaded: true,
    model: 'espeak-ng',
    voices: async () => [],
    cast: async () => ({
      sampleRate,
      say: async (sentence: string) => {
        await options.before?.(sentence);
        return hum;
      },
    }),
    close: async () => {},
  };
  return {
    list: async () => [engine],
    find: async () => engine,
    processes: 0,
    close: async () => {},
  };
}

/** This installation's compiled code, in a folder where one package is missing. */
export function installationWithout(missing: string): string {
  const root = temporaryFolder();
  cpSync(join(packageRoot, 'dist'), join(root, 'dist'), { recursive: true });
  cpSync(join(packageRoot, 'package.json'), join(root, 'package.json'));
  for (const name of packagesIn(join(packageRoot, 'node_modules'))) {
    if (name === missing) continue;
    const link = join(root, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(packageRoot, 'node_modules', name), link);
  }
  return root;
}

function packagesIn(folder: string): string[] {
  return readdirSync(folder).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(folder, name)).map((it) => `${name}/${it}`) : [name],
  );
}
