import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import { GatewayError } from '../../errors/index.js';
import { isConflict } from '../../nats/index.js';
import type { FinishedWindow } from '../../recording/index.js';
import { onNats } from './nats-failure.js';
import { readSubject } from './read-subject.js';

/** A message of a job's subject: one of its starts, or a window that it has finished. */
interface Entry {
  /** Which start of the job wrote it. */
  readonly starts: number;
  /** Of the window, from 0; missing in that of a start. */
  readonly position?: number;
  readonly window?: FinishedWindow;
}

/** Where a start of a job may go on writing. */
export interface LogEnd {
  readonly starts: number;
  /** Of the next window. */
  readonly position: number;
  /** Sequence of the last message, which the next one has to follow. */
  readonly sequence: number;
}

/**
 * The finished windows of jobs, in a stream, with a subject for each job. A start writes first that it is one,
 * and each message has to follow the one that its writer wrote last: from then on, no earlier start can add
 * anything, however late what it sends arrives.
 */
export class WindowLog {
  readonly #js: JetStreamClient;
  readonly #manager: JetStreamManager;
  readonly #stream: string;
  readonly #subject: (id: string) => string;

  constructor(js: JetStreamClient, manager: JetStreamManager, stream: string) {
    this.#js = js;
    this.#manager = manager;
    this.#stream = stream;
    this.#subject = (id) => `${stream}.${id}`;
  }

  /** Makes the stream where there is none. @throws What NATS says. */
  async ensure(replicas: number): Promise<void> {
    const { streams } = this.#manager;
    const there = await streams.info(this.#stream).catch(() => null);
    if (there) return;
    const subjects = [this.#subject('*')];
    await streams.add({ name: this.#stream, subjects, num_replicas: replicas });
  }

  /** In the order of the audio. @throws GatewayError `jobs_unavailable`. */
  read(id: string): Promise<FinishedWindow[]> {
    return onNats(async () => {
      const windows: FinishedWindow[] = [];
      for await (const message of readSubject(this.#js, this.#stream, this.#subject(id))) {
        const { window } = message.json<Entry>();
        if (window) windows.push(window);
      }
      return windows;
    });
  }

  /** The windows are from now on this start's to continue. @throws GatewayError `jobs_unavailable`, `disk_full`. */
  begin(id: string, starts: number): Promise<{ windows: FinishedWindow[]; end: LogEnd }> {
    return onNats(async () => {
      const entry: Entry = { starts };
      const { seq: sequence } = await this.#js.publish(this.#subject(id), JSON.stringify(entry));
      const windows = await this.read(id);
      return { windows, end: { starts, position: windows.length, sequence } };
    });
  }

  /**
   * @returns The new end.
   * @throws GatewayError `cancelled` where another start has begun, or the job is gone; `jobs_unavailable` and
   * `disk_full`, after which it may be tried again.
   */
  append(id: string, end: LogEnd, window: FinishedWindow): Promise<LogEnd> {
    const { starts, position, sequence } = end;
    const entry: Entry = { starts, position, window };
    return onNats(async () => {
      const ended = (seq: number) => ({ starts, position: position + 1, sequence: seq });
      try {
        const expect = { lastSubjectSequence: sequence };
        const { seq } = await this.#js.publish(this.#subject(id), JSON.stringify(entry), {
          expect,
        });
        return ended(seq);
      } catch (error) {
        if (!isConflict(error)) throw error;
        // What was not answered in time may have arrived all the same.
        const own = await this.#last(id);
        if (own?.entry.starts === starts && own.entry.position === position) {
          return ended(own.sequence);
        }
        throw new GatewayError('cancelled', { cause: error });
      }
    });
  }

  /** @throws GatewayError `jobs_unavailable`. */
  async remove(id: string): Promise<void> {
    await onNats(() => this.#manager.streams.purge(this.#stream, { filter: this.#subject(id) }));
  }

  /** Removes what is left of jobs that are gone. @throws GatewayError `jobs_unavailable`. */
  async tidy(isNeeded: (id: string) => boolean): Promise<void> {
    await onNats(async () => {
      const query = { subjects_filter: this.#subject('*') };
      const { state } = await this.#manager.streams.info(this.#stream, query);
      const ids = Object.keys(state.subjects ?? {}).map((each) =>
        each.slice(this.#subject('').length),
      );
      for (const id of ids) if (!isNeeded(id)) await this.remove(id);
    });
  }

  async #last(id: string): Promise<{ entry: Entry; sequence: number } | null> {
    const query = { last_by_subj: this.#subject(id) };
    const message = await this.#manager.streams.getMessage(this.#stream, query);
    return message && { entry: message.json<Entry>(), sequence: message.seq };
  }
}
