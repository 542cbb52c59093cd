import type { Page } from 'playwright-core';
import { ClientError, createClient, type Endpoint, type StartFields } from '../../js/src/index.js';
import type { Adapter } from './adapters/index.js';
import { BotError } from './bot-error.js';
import { limits } from './limits.js';
import { MeetingAudio } from './meeting-audio.js';
import { MeetingClock } from './meeting-clock.js';
import { goTo } from './page/go-to.js';
import {
  type BrowserOptions,
  type MeetingPage,
  openMeetingPage,
} from './page/open-meeting-page.js';
import { PageLooks } from './page/page-looks.js';
import type { Look, PageMessage } from './page/page-messages.js';
import { Roster } from './roster.js';
import type { TranscriptFormat } from './transcript/format-transcript.js';
import { MeetingTranscript } from './transcript/meeting-transcript.js';
import { TranscriptFiles } from './transcript/transcript-files.js';
import { withoutSecrets } from './without-secrets.js';

export interface BotOptions {
  readonly meeting: URL;
  readonly adapter: Adapter;
  readonly browser: BrowserOptions;
  readonly gateway: Endpoint;
  /** By which the others in the meeting see it. */
  readonly name: string;
  readonly password: string | undefined;
  /** What the gateway is asked for, the room among it. */
  readonly fields: StartFields;
  readonly joinTimeoutMs: number;
  /** The bot leaves when nobody else was there for so long. */
  readonly aloneMs: number;
  /** Of the transcript, without an ending. */
  readonly output: string;
  readonly formats: readonly TranscriptFormat[];
  /** What happens, in plain words. */
  readonly tell: (text: string) => void;
}

/** Why a meeting was over. */
export type MeetingEnd = 'asked' | 'alone' | 'outside' | 'page_closed';

/** How often it is looked whether the meeting is over. */
const watchIntervalMs = 1_000;

/** Sits in one meeting and writes down who says what. */
export class MeetingBot {
  /** Resolves when the meeting is over; then `leave()` finishes the transcript. */
  readonly over: Promise<MeetingEnd>;

  readonly #options: BotOptions;
  readonly #clock = new MeetingClock(Date.now());
  readonly #roster = new Roster();
  readonly #transcript = new MeetingTranscript(limits.maxLines);
  readonly #files: TranscriptFiles;
  readonly #audio: MeetingAudio;
  readonly #looks = new PageLooks();
  #page: MeetingPage | undefined;
  #watch: NodeJS.Timeout | undefined;
  #seenAt = Date.now();
  #companyAt = Date.now();
  #leaving: Promise<void> | undefined;
  #isOver = false;
  #endMs: number | undefined;
  #saidFull = 0;
  readonly #away = new Set<string>();
  #resolveOver: (end: MeetingEnd) => void = () => {};

  private constructor(options: BotOptions) {
    this.#options = options;
    this.over = new Promise((resolve) => {
      this.#resolveOver = (end) => {
        this.#isOver = true;
        resolve(end);
      };
    });
    this.#files = new TranscriptFiles({
      path: options.output,
      formats: options.formats,
      intervalMs: limits.saveIntervalMs,
      record: () => ({
        meeting: withoutSecrets(options.meeting),
        startedAt: this.#clock.startedAt,
        durationMs: this.#endMs ?? this.#nowMs,
        presences: this.#roster.presences,
        lines: this.#transcript.lines,
        lost: this.#transcript.lost,
      }),
      onProblem: ({ message }) => options.tell(message),
    });
    const client = createClient(options.gateway);
    this.#audio = new MeetingAudio(client, options.fields, this.#clock, this.#roster, {
      final: (speaker, offsetMs, final) => {
        this.#transcript.add(speaker, offsetMs, final);
        this.#files.touch();
      },
      lost: (speaker, start_ms, end_ms) => {
        this.#transcript.addLost({ speaker, start_ms, end_ms });
        options.tell(`${Math.ceil((end_ms - start_ms) / 1_000)} s of ${speaker} were lost.`);
        this.#files.touch();
      },
      connection: (speaker, problem) => this.#onConnection(speaker, problem),
      full: () => this.#onFull(),
    });
  }

  /**
   * Opens the meeting's page and goes in.
   * @throws BotError why not; nothing is left open.
   */
  static async join(options: BotOptions): Promise<MeetingBot> {
    await checkGateway(options.gateway);
    const bot = new MeetingBot(options);
    try {
      await bot.#join();
    } catch (error) {
      await bot.close();
      throw error;
    }
    return bot;
  }

  /** Absolute paths of the files that are written. */
  get paths(): string[] {
    return this.#files.paths;
  }

  /** Names of those who are in the meeting now. */
  get present(): string[] {
    const all = [...this.#roster.presences];
    return all.filter(([, times]) => times.at(-1)?.toMs === null).map(([name]) => name);
  }

  /**
   * Leaves the meeting, waits for the last words and writes the transcript. Idempotent.
   * @throws BotError `not_written`.
   */
  leave(): Promise<void> {
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  /** Gives everything up at once; the transcript stays as it was last written. Idempotent. */
  async close(): Promise<void> {
    clearInterval(this.#watch);
    this.#audio.close();
    this.#resolveOver('asked');
    await this.#page?.close();
  }

  get #nowMs(): number {
    return this.#clock.fromWall(Date.now());
  }

  async #join(): Promise<void> {
    const { meeting, adapter, browser, name } = this.#options;
    this.#page = await openMeetingPage(browser, adapter, (message) => this.#onMessage(message));
    const { page } = this.#page;
    await goTo(page, adapter.address(meeting, name));
    await this.#goIn(page);
    page.on('close', () => this.#resolveOver('page_closed'));
    page.on('crash', () => this.#resolveOver('page_closed'));
    // Meeting pages load themselves anew where they have lost their server.
    page.on('domcontentloaded', () => {
      this.#looks.clear();
      // Where it does not get in again, the meeting is over for it: that is watched for.
      void this.#goIn(page).catch(() => {});
    });
    this.#companyAt = this.#seenAt = Date.now();
    this.#watch = setInterval(() => this.#lookWhetherOver(), watchIntervalMs);
    await this.#files.save();
  }

  async #goIn(page: Page): Promise<void> {
    const { adapter, name, password, joinTimeoutMs, tell } = this.#options;
    try {
      await adapter.join(page, {
        name,
        password,
        deadline: Date.now() + joinTimeoutMs,
        isJoined: () => this.#look().joined,
        hearsSomebody: () => this.#audio.hasTracks,
        tell,
      });
    } catch (error) {
      if (error instanceof BotError) throw error;
      throw new BotError('meeting_lost', 'The page was closed before the bot was in.', error);
    }
  }

  #onMessage(message: PageMessage): void {
    if (this.#isOver) return;
    if (message.type === 'audio') {
      this.#audio.hear(message);
      return;
    }
    this.#looks.put(message.page, message, Date.now());
    this.#followLook();
  }

  #look(): Look {
    return this.#looks.merged(Date.now());
  }

  #followLook(): void {
    const { participants, owners } = this.#look();
    const before = new Set(this.present);
    for (const { from, to, wasNumber } of this.#roster.update(participants, this.#nowMs)) {
      if (wasNumber) this.#transcript.rename(from, to);
    }
    const now = new Set(this.present);
    for (const name of now) if (!before.has(name)) this.#options.tell(`${name} is here.`);
    for (const name of before) if (!now.has(name)) this.#options.tell(`${name} has left.`);
    this.#audio.follow(owners);
  }

  #lookWhetherOver(): void {
    this.#followLook();
    const now = Date.now();
    if (this.#look().joined) this.#seenAt = now;
    if (this.#roster.size > 0) this.#companyAt = now;
    if (now - this.#seenAt > limits.outsideMs) this.#resolveOver('outside');
    else if (now - this.#companyAt > this.#options.aloneMs) this.#resolveOver('alone');
  }

  async #leave(): Promise<void> {
    clearInterval(this.#watch);
    this.#resolveOver('asked');
    this.#roster.update([], this.#nowMs);
    this.#endMs = this.#nowMs;
    // The others see the bot leave before it has written everything down.
    await this.#page?.close();
    await this.#audio.stop();
    await this.#files.save();
    if (this.#transcript.isFull) {
      this.#options.tell(`The transcript is full: ${limits.maxLines} lines.`);
    }
  }

  #onConnection(speaker: string, problem: ClientError | null): void {
    const wasAway = this.#away.size > 0;
    if (problem) this.#away.add(speaker);
    else this.#away.delete(speaker);
    if (problem && !wasAway) {
      const held = `Up to ${limits.maxHeldMs / 1_000} s of each voice are kept.`;
      this.#options.tell(`The gateway does not answer: ${problem.message} ${held}`);
    }
    if (wasAway && this.#away.size === 0) this.#options.tell('The gateway is there again.');
  }

  #onFull(): void {
    if (Date.now() - this.#saidFull < 60_000) return;
    this.#saidFull = Date.now();
    const words = `More than ${limits.maxVoices} people are heard at once: not all are written down.`;
    this.#options.tell(words);
  }
}

/** A gateway that cannot be used is told before anybody sees the bot. */
async function checkGateway(gateway: Endpoint): Promise<void> {
  try {
    await createClient(gateway).models();
  } catch (error) {
    const message =
      error instanceof ClientError && error.code === 'invalid_api_key'
        ? `The gateway at ${gateway.url} does not accept this key: API_KEY has to be the one that it was started with.`
        : `The gateway at ${gateway.url} cannot be used: ${error instanceof Error ? error.message : error}`;
    throw new BotError('gateway_unusable', message, error);
  }
}
