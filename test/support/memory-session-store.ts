import { concatPcm } from '../../src/audio/index.js';
import type {
  JournalEntry,
  Kept,
  PlacedAudio,
  SessionJournal,
  SessionStore,
} from '../../src/session/index.js';

interface Written {
  readonly entries: { readonly writer: object; readonly entry: JournalEntry }[];
  readonly audio: PlacedAudio[];
}

/** What several gateways have in common, within this process; answers as late as a server might. */
export class MemorySessionStore implements SessionStore {
  available = true;
  readonly sessions = new Map<string, Written>();
  readonly #losesAudio: () => boolean;

  /** @param losesAudio Asked for each piece of audio: whether it is not kept. */
  constructor(losesAudio: () => boolean = () => false) {
    this.#losesAudio = losesAudio;
  }

  /** Nobody is told: who had a session finds out when it says something. */
  onTaken(): void {}

  begin(id: string): SessionJournal {
    return this.#journal(id, {});
  }

  async find(id: string) {
    await late();
    const written = this.sessions.get(id);
    const newest = written?.entries.at(-1);
    if (!written || !newest) return null;
    const count = written.entries.length;
    return {
      entry: newest.entry,
      events: async () => {
        await late();
        return written.entries.flatMap(({ entry }) => entry.events);
      },
      audioFrom: async (sample: number) => {
        await late();
        return from(written.audio, sample);
      },
      claim: async () => {
        await late();
        if (written.entries.length !== count) return null;
        const writer = {};
        written.entries.push({ writer, entry: { ...newest.entry, events: [] } });
        return this.#journal(id, writer);
      },
    };
  }

  #journal(id: string, writer: object): SessionJournal {
    const written = () => this.sessions.get(id) ?? { entries: [], audio: [] };
    const isTheirs = () => (written().entries.at(-1)?.writer ?? writer) === writer;
    return {
      append: async (entry): Promise<Kept> => {
        await late();
        if (!this.available) return 'unkept';
        if (!isTheirs()) return 'moved';
        const now = written();
        now.entries.push({ writer, entry: structuredClone(entry) });
        this.sessions.set(id, now);
        await late();
        return 'kept';
      },
      appendAudio: (audio) => {
        if (this.#losesAudio()) return;
        const now = written();
        now.audio.push({ start: audio.start, samples: audio.samples.slice() });
        this.sessions.set(id, now);
      },
      audioKept: late,
      remove: async () => {
        if (isTheirs()) this.sessions.delete(id);
      },
    };
  }
}

/** Without what is there twice, up to where something is missing. */
function from(audio: readonly PlacedAudio[], sample: number): PlacedAudio[] {
  const pieces: Int16Array[] = [];
  let end = sample;
  for (const { start, samples } of audio) {
    if (start + samples.length <= end) continue;
    if (start > end) break;
    pieces.push(samples.slice(end - start));
    end = start + samples.length;
  }
  return pieces.length === 0 ? [] : [{ start: sample, samples: concatPcm(pieces) }];
}

async function late(): Promise<void> {
  const turns = Math.floor(Math.random() * 3);
  for (let turn = 0; turn <= turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}
