import { randomUUID } from 'node:crypto';
import { headers, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import type { Learn, RoomExchange, RoomMember, RoomSeat } from '../room-exchange.js';
import { RoomMessage } from '../room-message.js';
import type { Known } from '../room-state.js';
import { type Answer, answerSchema, askSchema, type Beat, beatSchema } from './messages.js';
import { Peers } from './peers.js';
import { RoomInquiry } from './room-inquiry.js';
import { splitState } from './split-state.js';

export interface NatsRoomOptions {
  /** First part of every subject. */
  readonly prefix: string;
  readonly warn: (fields: object, message: string) => void;
}

const beatIntervalMs = 1_000;
/** Of a part of an answer, where the server takes that much. */
const maxPartBytes = 262_144;
/** What the rest of such a message may take. */
const envelopeBytes = 1_024;

/**
 * Joins the rooms of all gateways that have one NATS server and prefix. What is said goes to whoever has the room, as
 * viewers are sent it; what was said before is asked for, of all gateways, and each answers.
 */
export class NatsRoomExchange implements RoomExchange {
  readonly #nats: NatsConnection;
  readonly #prefix: string;
  readonly #warn: NatsRoomOptions['warn'];
  readonly #id = randomUUID();
  readonly #members = new Map<string, RoomMember>();
  readonly #inquiries = new Map<string, { inquiry: RoomInquiry; learn: Learn }>();
  readonly #peers: Peers;
  readonly #subscriptions: Subscription[];
  readonly #beat: NodeJS.Timeout;
  /** Counts the connections, so that others notice that something may be lost. */
  #connection = 1;
  #connected = true;
  #asked = 0;
  #closed = false;

  constructor(nats: NatsConnection, { prefix, warn }: NatsRoomOptions) {
    this.#nats = nats;
    this.#prefix = `${prefix}.rooms`;
    this.#warn = warn;
    this.#peers = new Peers(this.#id, {
      onPresent: () => this.#onPresent(),
      onGone: (id) => this.#onGone(id),
    });
    this.#subscriptions = [
      this.#listen('beat', (message) => this.#onBeat(beatSchema.parse(message.json()))),
      this.#listen('ask', (message) => this.#onAsk(message)),
      this.#listen(`answer.${this.#id}`, (message) =>
        this.#onAnswer(answerSchema.parse(message.json())),
      ),
    ];
    this.#beat = setInterval(() => this.#sendBeat(), beatIntervalMs);
    this.#beat.unref();
    this.#sendBeat();
    void this.#followConnection();
  }

  join(room: string, member: RoomMember): RoomSeat {
    this.#members.set(room, member);
    const subject = `said.${encoded(room)}`;
    const subscription = this.#listen(subject, (message) => this.#onSaid(member, message));
    /** Of each session that speaks here, the number of its last event. */
    const last = new Map<string, number>();
    return {
      say: (message, sessionId, seq) => {
        const after = String(last.get(sessionId) ?? 0);
        last.set(sessionId, seq);
        this.#send(subject, message.json, { from: this.#id, after });
      },
      left: (sessionId) => {
        last.delete(sessionId);
        this.#send(subject, '', { from: this.#id, left: sessionId });
      },
      leave: () => {
        subscription.unsubscribe();
        if (this.#members.get(room) === member) this.#members.delete(room);
      },
    };
  }

  ask(room: string, known: Known, learn: Learn): Promise<void> | null {
    const peers = this.#peers.ids;
    if (peers.length === 0 || !this.#connected || this.#closed) return null;
    const ask = String(++this.#asked);
    const inquiry = new RoomInquiry(peers, () => this.#inquiries.delete(ask));
    this.#inquiries.set(ask, { inquiry, learn });
    this.#send('ask', JSON.stringify({ from: this.#id, ask, room, known }));
    return inquiry.answered;
  }

  close(): void {
    if (this.#closed) return;
    this.#sendBeat({ leaves: true });
    this.#closed = true;
    clearInterval(this.#beat);
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    for (const { inquiry } of [...this.#inquiries.values()]) inquiry.close();
  }

  #onBeat({ from, connection, leaves }: Beat): void {
    if (leaves) this.#peers.remove(from);
    else this.#peers.heard(from, performance.now(), connection);
  }

  #onSaid(member: RoomMember, message: Msg): void {
    const from = message.headers?.get('from');
    if (!from || from === this.#id) return;
    this.#peers.heard(from, performance.now());
    const left = message.headers?.get('left');
    if (left) {
      member.left(from, left);
      return;
    }
    // A copy: the bytes are a piece of what came in with them.
    const json = Buffer.from(message.data);
    const content = JSON.parse(json.toString()) as object;
    member.hear(from, new RoomMessage(content, json), Number(message.headers?.get('after')));
  }

  #onAsk(message: Msg): void {
    const { from, ask, room, known } = askSchema.parse(message.json());
    if (from === this.#id) return;
    const member = this.#members.get(room);
    const state = member?.state(known) ?? null;
    const maxBytes = Math.min(maxPartBytes, this.#maxPayload) - envelopeBytes;
    const parts = state ? splitState(state, maxBytes) : [null];
    for (const [index, part] of parts.entries()) {
      const last = index === parts.length - 1;
      const answer: Answer = { from: this.#id, ask, last, state: part };
      this.#send(`answer.${from}`, JSON.stringify(answer));
    }
  }

  #onAnswer({ from, ask, last, state }: Answer): void {
    this.#peers.heard(from, performance.now());
    const asked = this.#inquiries.get(ask);
    if (state) asked?.learn(from, state);
    if (last) asked?.inquiry.release(from);
  }

  /** They hear of us at once, and may know what we do not. */
  #onPresent(): void {
    this.#sendBeat();
    this.#refresh();
  }

  #onGone(id: string): void {
    for (const member of this.#members.values()) member.gone(id);
    for (const { inquiry } of [...this.#inquiries.values()]) inquiry.release(id);
  }

  async #followConnection(): Promise<void> {
    for await (const { type } of this.#nats.status()) {
      if (this.#closed) return;
      if (type === 'disconnect') this.#connected = false;
      if (type !== 'reconnect') continue;
      this.#connected = true;
      this.#connection++;
      this.#sendBeat();
      this.#refresh();
    }
  }

  #refresh(): void {
    for (const member of this.#members.values()) member.refresh();
  }

  #sendBeat({ leaves = false } = {}): void {
    const beat: Beat = { from: this.#id, connection: this.#connection, leaves };
    this.#send('beat', JSON.stringify(beat));
  }

  get #maxPayload(): number {
    return this.#nats.info?.max_payload ?? maxPartBytes;
  }

  #listen(subject: string, take: (message: Msg) => void): Subscription {
    const callback = (error: Error | null, message: Msg) => {
      try {
        if (error) throw error;
        take(message);
      } catch (error) {
        this.#warn({ error, subject }, 'a message of another gateway was not understood');
      }
    };
    return this.#nats.subscribe(`${this.#prefix}.${subject}`, { callback });
  }

  /** While the connection is lost nothing is kept for it: what was missed is asked for later. */
  #send(subject: string, payload: Uint8Array | string, fields?: Record<string, string>): void {
    if (!this.#connected || this.#closed || this.#nats.isClosed()) return;
    const bytes = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
    if (bytes + envelopeBytes > this.#maxPayload) {
      this.#warn({ subject, bytes }, 'a message for other gateways is too large');
      return;
    }
    const options = fields && { headers: headersOf(fields) };
    this.#nats.publish(`${this.#prefix}.${subject}`, payload, options);
  }
}

function headersOf(fields: Record<string, string>) {
  const made = headers();
  for (const [name, value] of Object.entries(fields)) made.set(name, value);
  return made;
}

/** Names of rooms have spaces and dots, which mean something in a subject. */
function encoded(room: string): string {
  return Buffer.from(room).toString('base64url');
}
