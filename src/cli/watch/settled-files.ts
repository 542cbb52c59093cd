import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { transcriptFormats } from '../../transcript/index.js';

/** A file that nobody seems to write to any more. */
export interface SettledFile {
  readonly name: string;
  readonly path: string;
  /** The same while the file is. */
  readonly version: string;
}

interface Sighting {
  readonly version: string;
  readonly since: number;
}

/** What is no recording: hidden files, downloads that go on, and transcripts. */
const ignored = new RegExp(
  `^\\.|\\.(part|partial|tmp|crdownload|${transcriptFormats.join('|')})$`,
  'i',
);

/** Looks at a folder again and again: a file has settled when it was the same for long enough. */
export class SettledFiles {
  readonly #folder: string;
  readonly #settleMs: number;
  readonly #now: () => number;
  /** Since when each file is as it is now. */
  #seen = new Map<string, Sighting>();

  /** @param now Milliseconds on a clock that never goes back. */
  constructor(folder: string, settleMs: number, now: () => number = () => performance.now()) {
    this.#folder = folder;
    this.#settleMs = settleMs;
    this.#now = now;
  }

  /** @returns Files that have settled, but for empty ones, and how many others may. @throws Where the folder cannot be read. */
  async look(): Promise<{ readonly settled: SettledFile[]; readonly growing: number }> {
    const names = (await readdir(this.#folder)).filter((name) => !ignored.test(name)).sort();
    const seen = new Map<string, Sighting>();
    const settled: SettledFile[] = [];
    let growing = 0;
    for (const name of names) {
      const path = join(this.#folder, name);
      const stats = await stat(path).catch(() => null);
      if (!stats?.isFile()) continue;
      const version = `${stats.size}-${stats.mtimeMs}-${stats.ino}`;
      const before = this.#seen.get(name);
      const since = before?.version === version ? before.since : this.#now();
      seen.set(name, { version, since });
      if (this.#now() - since < this.#settleMs) growing++;
      else if (stats.size > 0) settled.push({ name, path, version });
    }
    this.#seen = seen;
    return { settled, growing };
  }
}
