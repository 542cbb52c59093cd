import type { NumberedEvent } from './audio-processor.js';

export interface ReplayLimits {
  /** Events that are kept for a client that was cut off. */
  readonly replayMaxEvents: number;
  /** Bytes that they may take. */
  readonly replayMaxBytes: number;
}

/** The newest events of a session as they were sent, for a client that comes back. */
export class ReplayBuffer {
  readonly #limits: ReplayLimits;
  /** The oldest first; their numbers have no gaps. */
  readonly #events: { readonly seq: number; readonly text: string; readonly bytes: number }[] = [];
  #bytes = 0;
  #lastSeq = 0;

  constructor(limits: ReplayLimits) {
    this.#limits = limits;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Keeps an event, and drops the oldest ones beyond the limits. */
  add(seq: number, text: string): void {
    const bytes = Buffer.byteLength(text);
    this.#events.push({ seq, text, bytes });
    this.#bytes += bytes;
    this.#lastSeq = seq;
    const { replayMaxEvents, replayMaxBytes } = this.#limits;
    while (this.#events.length > replayMaxEvents || this.#bytes > replayMaxBytes) {
      this.#bytes -= this.#events.shift()?.bytes ?? 0;
    }
  }

  /** There was an event `seq`, whoever sent it: where those that are here end before it, they are no use. */
  reach(seq: number): void {
    if (this.#lastSeq >= seq) return;
    this.#events.length = 0;
    this.#bytes = 0;
    this.#lastSeq = seq;
  }

  /** The last events, in order. */
  newest(count: number): string[] {
    return this.#events.slice(-count).map(({ text }) => text);
  }

  /** Every event behind number `seq`, in order; null where they are not all here. */
  after(seq: number): string[] | null {
    const oldest = this.#events[0]?.seq ?? this.#lastSeq + 1;
    if (seq > this.#lastSeq || seq < oldest - 1) return null;
    return this.#events.slice(seq - oldest + 1).map(({ text }) => text);
  }
}

/** An event with what it is on the wire. */
export interface WrittenEvent {
  readonly event: NumberedEvent;
  readonly text: string;
  /**
   * The same as it is repeated. Where to go on is said to one connection only: a client that takes the place
   * it was told on an earlier one would send audio twice. And whoever comes back has the token, which is not
   * to be found where events are kept.
   */
  readonly repeated: string;
}

export function writtenEvent(event: NumberedEvent): WrittenEvent {
  const text = JSON.stringify(event);
  if (event.type === 'progress') {
    const { received_bytes: _, ...progress } = event;
    return { event, text, repeated: JSON.stringify(progress) };
  }
  if (event.type === 'transcription_started') {
    const { resume_token: _, ...started } = event;
    return { event, text, repeated: JSON.stringify(started) };
  }
  return { event, text, repeated: text };
}
