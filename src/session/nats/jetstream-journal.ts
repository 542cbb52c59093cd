import { randomUUID } from 'node:crypto';
import { concatPcm } from '../../audio/index.js';
import { isConflict } from '../../nats/index.js';
import type { PlacedAudio } from '../audio-intake.js';
import type { JournalEntry, Kept, SessionJournal } from '../kept/session-store.js';
import { type AudioPiece, decodeEntry, encodeAudio, encodeEntry } from './journal-codec.js';
import type { SessionStreams } from './session-streams.js';

/** Samples in one message of audio: half a second. */
const pieceSamples = 8_000;
/**
 * Messages of audio that may be on their way; audio beyond it is not kept, and would be sent again. The largest
 * frame of samples makes half as many.
 */
const maxAudioInFlight = 128;

/**
 * What one gateway writes of one session. Each entry names the number of the one before it, so that only one
 * gateway can go on writing: whoever writes first behind the last entry has the session.
 */
export class JetStreamJournal implements SessionJournal {
  readonly #streams: SessionStreams;
  readonly #sessionId: string;
  /** Which journal wrote an entry; a gateway may lose a session and get it back. */
  readonly #writer = randomUUID();
  /** The number of the newest entry; 0 before the first. */
  #last: number;
  #piece: AudioPiece | undefined;
  readonly #inFlight = new Set<Promise<void>>();
  /** What comes behind it has a gap before it. */
  #audioEnd = 0;

  constructor(streams: SessionStreams, sessionId: string, last = 0) {
    this.#streams = streams;
    this.#sessionId = sessionId;
    this.#last = last;
  }

  async append(entry: JournalEntry): Promise<Kept> {
    if (!this.#streams.available) return 'unkept';
    const data = encodeEntry({ ...entry, writer: this.#writer }, this.#streams.maxBytes);
    try {
      try {
        await this.#write(data);
      } catch (error) {
        if (!isConflict(error)) throw error;
        // An entry whose receipt was lost is our own; any other writer has the session.
        const newest = await this.#streams.newest(this.#sessionId);
        if (newest && decodeEntry(newest.data).writer !== this.#writer) return 'moved';
        this.#last = newest?.seq ?? 0;
        await this.#write(data);
      }
      return 'kept';
    } catch (error) {
      this.#streams.failed(error as Error);
      return 'unkept';
    }
  }

  /** @throws JetStreamApiError where somebody else wrote. */
  async take(entry: JournalEntry): Promise<void> {
    await this.#write(encodeEntry({ ...entry, writer: this.#writer }, this.#streams.maxBytes));
  }

  appendAudio({ start, samples }: PlacedAudio): void {
    if (this.#piece && this.#piece.start + this.#piece.samples.length !== start) this.#send();
    const end = start + samples.length;
    for (let at = start; at < end; at = this.#audioEnd) {
      this.#piece ??= { start: at, samples: new Int16Array(0), afterGap: at > this.#audioEnd };
      const had = this.#piece.samples;
      // A message of more than NATS lets through would end keeping for all sessions.
      const more = samples.subarray(at - start, at - start + pieceSamples - had.length);
      this.#piece = { ...this.#piece, samples: concatPcm([had, more]) };
      this.#audioEnd = at + more.length;
      if (had.length + more.length >= pieceSamples) this.#send();
    }
  }

  async audioKept(): Promise<void> {
    this.#send();
    await Promise.all(this.#inFlight);
  }

  async remove(): Promise<void> {
    this.#piece = undefined;
    await Promise.all(this.#inFlight);
    if (this.#streams.available) await this.#streams.remove(this.#sessionId);
  }

  async #write(data: Uint8Array): Promise<void> {
    this.#last = await this.#streams.append(this.#sessionId, data, this.#last);
  }

  #send(): void {
    const piece = this.#piece;
    this.#piece = undefined;
    if (!piece || !this.#streams.available || this.#inFlight.size >= maxAudioInFlight) return;
    const sent = this.#streams
      .appendAudio(this.#sessionId, encodeAudio(piece))
      .catch((error: Error) => this.#streams.failed(error))
      .finally(() => this.#inFlight.delete(sent));
    this.#inFlight.add(sent);
  }
}
