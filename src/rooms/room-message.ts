/** What all viewers of a room are sent: written down once, however many there are. */
export class RoomMessage {
  readonly content: object;
  #json: Buffer | undefined;
  #serverSentEvent: Buffer | undefined;

  /** @param json The same as it came, where it came written down. */
  constructor(content: object, json?: Buffer) {
    this.content = content;
    this.#json = json;
  }

  /** JSON as UTF-8: what a WebSocket carries. */
  get json(): Buffer {
    this.#json ??= Buffer.from(JSON.stringify(this.content));
    return this.#json;
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
