import type { GatewayClient, StartFields } from '../../js/src/index.js';
import { limits } from './limits.js';
import type { MeetingClock } from './meeting-clock.js';
import type { Block, PageMessage } from './page/page-messages.js';
import type { Roster } from './roster.js';
import { Voice } from './voice.js';
import type { VoiceBlock, VoiceListener } from './voice-session.js';

/** A track that exists in the page now. */
interface Track {
  /** Whose it is; undefined until the page tells. */
  owner: string | undefined;
  voice: Voice | undefined;
  /** Heard before the owner was known. */
  held: VoiceBlock[];
}

export interface MeetingAudioListener extends VoiceListener {
  /** More people are heard at once than may be. */
  full(): void;
}

/** Brings every track's audio to the voice of whoever it belongs to at that moment. */
export class MeetingAudio {
  readonly #client: GatewayClient;
  readonly #fields: StartFields;
  readonly #clock: MeetingClock;
  readonly #roster: Roster;
  readonly #listener: MeetingAudioListener;
  readonly #tracks = new Map<string, Track>();
  readonly #ending = new Map<Voice, Promise<void>>();
  /** When the newest audio was heard. */
  #nowMs = 0;

  constructor(
    client: GatewayClient,
    fields: StartFields,
    clock: MeetingClock,
    roster: Roster,
    listener: MeetingAudioListener,
  ) {
    this.#client = client;
    this.#fields = fields;
    this.#clock = clock;
    this.#roster = roster;
    this.#listener = listener;
  }

  /** Whether a track of anybody is there. */
  get hasTracks(): boolean {
    return this.#tracks.size > 0;
  }

  /** Follows the page: after the roster was brought up to date. */
  follow(owners: Readonly<Record<string, string>>): void {
    for (const [key, track] of this.#tracks) {
      const owner = owners[key];
      const heardMs = track.held.at(-1)?.atMs ?? this.#nowMs;
      const isLeftover = this.#nowMs - heardMs > limits.maxUnownedMs;
      if (owner === undefined && (track.owner !== undefined || isLeftover))
        this.#tracks.delete(key);
      if (track.owner !== owner) this.#end(track);
      track.owner = owner;
      const speaker = owner === undefined ? undefined : this.#roster.labelOf(owner);
      if (speaker !== undefined) track.voice?.rename(speaker);
    }
    for (const [key, owner] of Object.entries(owners)) {
      const track = this.#tracks.get(key);
      if (track) this.#release(track);
      else this.#tracks.set(key, { owner, voice: undefined, held: [] });
    }
  }

  hear(message: Extract<PageMessage, { type: 'audio' }>): void {
    for (const block of message.blocks) this.#hearBlock(message.page, block);
  }

  /** Resolves when everything that was heard is in finals, or cannot be any more. */
  async stop(): Promise<void> {
    for (const track of this.#tracks.values()) this.#end(track);
    this.#tracks.clear();
    await Promise.all(this.#ending.values());
  }

  /** Drops what is under way. Idempotent. */
  close(): void {
    for (const { voice } of this.#tracks.values()) voice?.close();
    for (const voice of this.#ending.keys()) voice.close();
    this.#tracks.clear();
  }

  #hearBlock(page: string, { key, frame, wallMs, pcm }: Block): void {
    const samples = toSamples(pcm);
    const atMs = this.#clock.place(page, frame, samples.length, wallMs);
    this.#nowMs = Math.max(this.#nowMs, atMs);
    const track = this.#tracks.get(key) ?? { owner: undefined, voice: undefined, held: [] };
    this.#tracks.set(key, track);
    track.held.push({ atMs, samples });
    while (track.held[0] && atMs - track.held[0].atMs > limits.maxUnownedMs) track.held.shift();
    this.#release(track);
  }

  /** Sends what is held on, where it is known to whom. */
  #release(track: Track): void {
    if (track.owner === undefined) return;
    const speaker = this.#roster.labelOf(track.owner);
    if (speaker === undefined) return;
    track.voice ??= this.#open(speaker);
    for (const block of track.held) track.voice.push(block);
    track.held = [];
  }

  #open(speaker: string): Voice {
    return new Voice(this.#client, this.#fields, speaker, this.#listener, () => this.#hasRoom());
  }

  #hasRoom(): boolean {
    const voices = [...this.#tracks.values()].map(({ voice }) => voice);
    const open = [...voices, ...this.#ending.keys()].filter((voice) => voice?.isOpen);
    if (open.length < limits.maxVoices) return true;
    this.#listener.full();
    return false;
  }

  #end(track: Track): void {
    const { voice } = track;
    track.voice = undefined;
    if (!voice) return;
    this.#ending.set(
      voice,
      voice.stop().then(() => void this.#ending.delete(voice)),
    );
  }
}

/** Of the byte order that every machine has on which Chromium runs. */
function toSamples(base64: string): Int16Array {
  const bytes = Buffer.from(base64, 'base64');
  // Small buffers share memory at any offset, where 16-bit samples could not begin.
  const copy = new Uint8Array(bytes);
  return new Int16Array(copy.buffer, 0, copy.byteLength >> 1);
}
