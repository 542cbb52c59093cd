/** What all viewers of a room are sent: written down once, however many there are. */
export class RoomMessage {
  /** JSON as UTF-8: what a WebSocket carries. */
  readonly json: Buffer;
  #serverSentEvent: Buffer | undefined;

  constructor(content: object) {
    this.json = Buffer.from(JSON.stringify(content));
  }

  get bytes(): number {
    return this.json.length;
  }

  /** The same as a server-sent event. */
  get serverSentEvent(): Buffer {
    this.#serverSentEvent ??= Buffer.concat([eventStart, this.json, eventEnd]);
    return this.#serverSentEvent;
  }
}

const eventStart = Buffer.from('data: ');
const eventEnd = Buffer.from('\n\n');
