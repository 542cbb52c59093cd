import type { GatewayClient, StartFields } from '../../js/src/index.js';
import { limits } from './limits.js';
import { type VoiceBlock, type VoiceListener, VoiceSession } from './voice-session.js';

/** Louder than what a codec makes of silence: about −60 dB. */
const soundPeak = 33;

/**
 * What the gateway hears of one participant: a session under their name, from the first sound on. After
 * a long silence, after a long hole and with a new name another session follows. Who is only present
 * takes no place with the gateway.
 */
export class Voice {
  readonly #client: GatewayClient;
  readonly #fields: StartFields;
  readonly #listener: VoiceListener;
  readonly #mayBegin: () => boolean;
  readonly #ending = new Map<VoiceSession, Promise<void>>();
  #speaker: string;
  #session: VoiceSession | undefined;
  /** The last moment before the first sound. */
  #before: VoiceBlock[] = [];
  #soundMs = 0;
  #pausedUntilMs = 0;
  #closed = false;

  /** @param mayBegin Whether one more session may be open. */
  constructor(
    client: GatewayClient,
    fields: StartFields,
    speaker: string,
    listener: VoiceListener,
    mayBegin: () => boolean,
  ) {
    this.#mayBegin = mayBegin;
    this.#client = client;
    this.#fields = fields;
    this.#speaker = speaker;
    this.#listener = listener;
  }

  /** Whether it takes a place with the gateway. */
  get isOpen(): boolean {
    return this.#session !== undefined || this.#ending.size > 0;
  }

  push(block: VoiceBlock): void {
    if (this.#closed) return;
    const sounds = hasSound(block.samples);
    if (sounds) this.#soundMs = block.atMs;
    if (this.#session?.failed) {
      this.#session = undefined;
      this.#pausedUntilMs = block.atMs + limits.refusedPauseMs;
    }
    this.#tellHole(block);
    const isOver =
      this.#session !== undefined &&
      (block.atMs - this.#session.endMs > limits.maxFilledMs ||
        block.atMs - this.#soundMs > limits.quietAfterMs);
    if (isOver) this.#endSession();
    if (this.#session) this.#session.append(block);
    else if (sounds && block.atMs >= this.#pausedUntilMs && this.#mayBegin()) {
      this.#beginSession(block);
    } else this.#keepBefore(block);
  }

  /** Where the browser stood still, nobody knows what was said meanwhile. */
  #tellHole({ atMs }: VoiceBlock): void {
    const endMs = this.#session?.endMs ?? atMs;
    if (atMs - endMs >= limits.toldHoleMs) this.#listener.lost(this.#speaker, endMs, atMs);
  }

  /** What is said from now on is said by this name. */
  rename(speaker: string): void {
    if (speaker === this.#speaker) return;
    this.#endSession();
    this.#speaker = speaker;
  }

  /** Nothing more comes. Resolves when everything is in finals, or cannot be any more. */
  async stop(): Promise<void> {
    this.#closed = true;
    this.#endSession();
    await Promise.all(this.#ending.values());
  }

  /** Drops what is under way. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#session?.close();
    for (const session of this.#ending.keys()) session.close();
  }

  #beginSession(block: VoiceBlock): void {
    const blocks = [...this.#before.filter(({ atMs }) => isJustBefore(atMs, block)), block];
    this.#before = [];
    const fields = { ...this.#fields, speaker: this.#speaker };
    const startMs = blocks[0]?.atMs ?? block.atMs;
    const session = new VoiceSession(this.#client, fields, startMs, this.#listener);
    this.#session = session;
    for (const each of blocks) session.append(each);
  }

  #endSession(): void {
    const session = this.#session;
    if (!session) return;
    this.#session = undefined;
    const ended = session.stop().then(() => void this.#ending.delete(session));
    this.#ending.set(session, ended);
  }

  #keepBefore(block: VoiceBlock): void {
    this.#before = [...this.#before.filter(({ atMs }) => isJustBefore(atMs, block)), block];
  }
}

function isJustBefore(atMs: number, block: VoiceBlock): boolean {
  return atMs < block.atMs && block.atMs - atMs <= limits.prerollMs;
}

function hasSound(samples: Int16Array): boolean {
  for (const sample of samples) if (sample >= soundPeak || sample <= -soundPeak) return true;
  return false;
}
