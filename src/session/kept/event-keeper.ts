import type { WrittenEvent } from '../replay-buffer.js';
import type { Checkpoint, KeptEnd } from './checkpoint.js';
import type { Kept, KeptOwner, SessionJournal } from './session-store.js';

interface EventKeeperParts {
  readonly journal: SessionJournal;
  readonly owner: KeptOwner;
  /** What the session is behind its newest event; null while nobody could come back to it. */
  readonly checkpoint: () => Checkpoint | null;
  readonly deliver: (said: WrittenEvent) => void;
  /** Another gateway has the session: nothing is delivered any more. */
  readonly onMoved: () => void;
}

/** How often a session is written down of which nothing is said: entries are kept for two minutes, at least. */
const rewriteMs = 50_000;

/**
 * Writes events down before they are delivered, so that whoever goes on with the session knows all that its
 * client was told. What comes while one entry is written goes into the next.
 */
export class EventKeeper {
  readonly #parts: EventKeeperParts;
  readonly #rewriting: NodeJS.Timeout;
  #waiting: WrittenEvent[] = [];
  #end: KeptEnd | null = null;
  #writing: Promise<void> | undefined;
  #stopped = false;
  /** What became of the last entry. */
  #kept: Kept = 'unkept';

  constructor(parts: EventKeeperParts) {
    this.#parts = parts;
    this.#rewriting = setInterval(() => {
      this.#writing ??= this.#write();
    }, rewriteMs).unref();
  }

  add(said: WrittenEvent): void {
    if (this.#stopped) return;
    this.#waiting.push(said);
    this.#writing ??= this.#write();
  }

  /** The session is over. Resolves when its last event was delivered. */
  async ended(end: KeptEnd): Promise<void> {
    if (this.#stopped) return;
    clearInterval(this.#rewriting);
    this.#end = end;
    this.#writing ??= this.#write();
    await this.#writing;
  }

  /**
   * Writes down what the session is now; what it says later is for nobody.
   * @returns False where that could not be kept: then it goes on here.
   */
  async handOver(): Promise<boolean> {
    do {
      this.#writing ??= this.#write();
      await this.#writing;
      // What was said since is another entry, which has to be whole.
    } while (this.#writing !== undefined);
    if (this.#kept !== 'kept') return false;
    this.stop();
    return true;
  }

  /** Nothing is written or delivered any more. */
  stop(): void {
    this.#stopped = true;
    this.#waiting = [];
    clearInterval(this.#rewriting);
  }

  /** Writes until nothing waits. Never rejects. */
  async #write(): Promise<void> {
    const { journal, owner, checkpoint, deliver, onMoved } = this.#parts;
    // What is said in one go is one entry.
    await Promise.resolve();
    this.#rewriting.refresh();
    for (;;) {
      const said = this.#waiting.splice(0);
      const end = this.#end;
      const now = checkpoint();
      if (now) {
        const events = said.map(({ event, repeated }) => ({ seq: event.seq, text: repeated }));
        this.#kept = await journal.append({ owner, events, checkpoint: now, end });
        if (this.#stopped) break;
        if (this.#kept === 'moved') {
          this.stop();
          onMoved();
          break;
        }
      }
      for (const each of said) deliver(each);
      if (this.#waiting.length === 0 && end === this.#end) break;
    }
    this.#writing = undefined;
  }
}
