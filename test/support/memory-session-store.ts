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

/** Without what is there twice. */
function from(audio: readonly PlacedAudio[], sample: number): PlacedAudio[] {
  const found: PlacedAudio[] = [];
  let end = sample;
  for (const { start, samples } of audio) {
    if (start + samples.length <= end) continue;
    const fresh = samples.slice(Math.max(0, end - start));
    const last = found.at(-1);
    end = start + samples.length;
    const at = end - fresh.length;
    if (last && last.start + last.samples.length === at) {
      found[found.length - 1] = {
        start: last.start,
        samples: Int16Array.from([...last.samples, ...fresh]),
      };
    } else found.push({ start: at, samples: fresh });
  }
  return found;
}

async function late(): Promise<void> {
  const turns = Math.floor(Math.random() * 3);
  for (let turn = 0; turn <= turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}
