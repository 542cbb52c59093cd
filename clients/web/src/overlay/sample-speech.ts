import type { RoomEvent, RoomSession, RoomSnapshot } from '../../../js/src/index.js';

/** Words a second in talk are about 2.7; a little calmer here. */
const wordMs = 420;
const pauseMs = 1_200;
/** Words that may still change behind the committed ones. */
const ahead = 2;

/** Who says what, in turn; Chinese is cut into words by `|`. */
const scripts = {
  en: [
    [
      'Anna',
      'Good evening, and welcome to all of you. We are glad that so many have come tonight.',
    ],
    ['Ben', 'Thank you, Anna. Let me begin with a question that I was asked on the way here.'],
    ['Anna', 'Please do. And if anybody wants to add something, just raise your hand.'],
  ],
  zh: [
    ['安娜', '大家|晚上|好，|欢迎|各位|来到|今天的|活动。|很|高兴|见到|这么多|朋友。'],
    ['小本', '谢谢|安娜。|我|想|先|从|一个|问题|说起，|是|来的|路上|有人|问|我的。'],
    ['安娜', '请讲。|如果|有人|想要|补充，|请|随时|举手。'],
  ],
} as const;

/** Somebody who speaks on and on, so that a preview has something to show. */
export class SampleSpeech {
  readonly #language: keyof typeof scripts;
  readonly #listener: (event: RoomEvent) => void;
  readonly #sessions = new Map<string, RoomSession>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;
  #words = 0;

  constructor(language: keyof typeof scripts, listener: (event: RoomEvent) => void) {
    this.#language = language;
    this.#listener = listener;
    // It has been going on for a while.
    for (let count = 0; count < 24; count++) this.#step();
    this.#go();
  }

  snapshot(): RoomSnapshot {
    return { type: 'snapshot', sessions: [...this.#sessions.values()] };
  }

  /** Idempotent. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #go(): void {
    this.#timer = setTimeout(
      () => {
        this.#listener(this.#step());
        this.#go();
      },
      this.#words === 0 ? pauseMs : wordMs,
    );
  }

  #step(): RoomEvent {
    const script = scripts[this.#language];
    const [speaker, text] = script[this.#turn % script.length] ?? script[0];
    const words = this.#language === 'zh' ? text.split('|') : text.split(/(?= )/);
    const count = ++this.#words;
    const utterance_id = `u${this.#turn}`;
    const start_ms = Date.now();
    const place = { utterance_id, start_ms, end_ms: start_ms };
    const known = this.#sessions.get(speaker);
    const of = { session_id: speaker, speaker, started_at: 0 };
    const session = { ...of, ended: false, finals: known?.finals ?? [] };
    if (count >= words.length) {
      this.#turn++;
      this.#words = 0;
      const final = { ...place, text: words.join(''), language: this.#language };
      const finals = [...session.finals, final].slice(-2);
      this.#sessions.set(speaker, { ...session, finals, partial: null });
      return { type: 'final', seq: 0, confidence: 1, rung: 'cut', ...of, ...final };
    }
    const partial = {
      ...place,
      committed: words.slice(0, count).join(''),
      tentative: words.slice(count, count + ahead).join(''),
    };
    this.#sessions.set(speaker, { ...session, partial });
    return { type: 'partial', seq: 0, rung: 'cut', ...of, ...partial };
  }
}
