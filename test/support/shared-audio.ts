import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/config/index.js';

/** One line of the manifest of real recordings. */
export interface AudioEntry {
  /** Relative to `sharedAudio`. */
  readonly file: string;
  readonly kind: string;
  /** Length of the decoded audio. */
  readonly seconds: number;
  readonly lang: string | null;
  /** What is said; null where nobody wrote it down. */
  readonly text: string | null;
}

const folder = join(packageRoot, '../shared/audio');

/** Absolute path of the recordings beside the repository; null in a clone that has none. */
export const sharedAudio = existsSync(join(folder, 'manifest.jsonl')) ? folder : null;

/** Every recording beside the repository; none where there is no such folder. */
export function readManifest(): AudioEntry[] {
  if (!sharedAudio) return [];
  const lines = readFileSync(join(sharedAudio, 'manifest.jsonl'), 'utf8').split('\n');
  return lines.filter(Boolean).map((line) => JSON.parse(line) as AudioEntry);
}
