import { concatPcm } from '../../audio/index.js';
import { GatewayError } from '../../errors/index.js';
import { isConflict } from '../../nats/index.js';
import type { PlacedAudio } from '../audio-intake.js';
import type {
  JournalEntry,
  KeptEvent,
  KeptSession,
  SessionJournal,
  SessionStore,
} from '../kept/session-store.js';
import { JetStreamJournal } from './jetstream-journal.js';
import { decodeAudio, decodeEntry } from './journal-codec.js';
import { SessionStreams, type SessionStreamsOptions } from './session-streams.js';

/** What sessions are called; nothing else can be asked for, and become a part of a subject. */
const sessionId = /^[0-9a-f-]{36}$/;

/** Sessions in JetStream, where any gateway finds them (docs/adr/0014). */
export class JetStreamSessionStore implements SessionStore {
  readonly #streams: SessionStreams;
  readonly #options: SessionStreamsOptions;

  /** @throws GatewayError `nats_unavailable`. */
  static async open(
    connection: Parameters<typeof SessionStreams.open>[0],
    options: SessionStreamsOptions,
  ): Promise<JetStreamSessionStore> {
    return new JetStreamSessionStore(await SessionStreams.open(connection, options), options);
  }

  private constructor(streams: SessionStreams, options: SessionStreamsOptions) {
    this.#streams = streams;
    this.#options = options;
  }

  onTaken(listener: (sessionId: string) => void): void {
    this.#streams.onTaken(listener);
  }

  begin(id: string): SessionJournal {
    return new JetStreamJournal(this.#streams, id);
  }

  async find(id: string): Promise<KeptSession | null> {
    if (!sessionId.test(id)) return null;
    const newest = await unlessAway(this.#streams.newest(id));
    if (!newest) return null;
    const entry = decodeEntry(newest.data);
    return {
      entry,
      events: () => unlessAway(this.#events(id)),
      audioFrom: (sample) => unlessAway(this.#audioFrom(id, sample)),
      claim: () => unlessAway(this.#claim(id, newest.seq, entry)),
    };
  }

  /** Asks no more whether the server is there. */
  close(): void {
    this.#streams.close();
  }

  /** The last ones that have no gap between them. */
  async #events(id: string): Promise<KeptEvent[]> {
    const entries = await this.#streams.entries(id, Date.now() - this.#options.entriesMs);
    const events = entries.flatMap((data) => decodeEntry(data).events);
    const broken = events.findLastIndex(
      ({ seq }, at) => at > 0 && seq !== (events[at - 1]?.seq ?? 0) + 1,
    );
    return broken < 0 ? events : events.slice(broken);
  }

  /** Up to where something is missing that was heard; that is sent again. */
  async #audioFrom(id: string, sample: number): Promise<PlacedAudio[]> {
    const pieces = await this.#streams.audio(id, Date.now() - this.#options.audioMs);
    const audio: { start: number; pieces: Int16Array[]; end: number }[] = [];
    let end = sample;
    for (const { start, samples, afterGap } of pieces.map(decodeAudio)) {
      if (start + samples.length <= end) continue;
      if (start > end && !afterGap) break;
      const fresh = samples.subarray(Math.max(0, end - start));
      const last = audio.at(-1);
      end = start + samples.length;
      if (last && last.end === end - fresh.length) {
        last.pieces.push(fresh);
        last.end = end;
      } else audio.push({ start: end - fresh.length, pieces: [fresh], end });
    }
    return audio.map(({ start, pieces: all }) => ({ start, samples: concatPcm(all) }));
  }

  async #claim(id: string, last: number, entry: JournalEntry): Promise<SessionJournal | null> {
    const journal = new JetStreamJournal(this.#streams, id, last);
    try {
      await journal.take({ ...entry, events: [] });
      this.#streams.tellTaken(id);
      return journal;
    } catch (error) {
      if (isConflict(error)) return null;
      throw error;
    }
  }
}

/** @throws GatewayError `nats_unavailable`. */
async function unlessAway<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (cause) {
    throw new GatewayError('nats_unavailable', { cause });
  }
}
