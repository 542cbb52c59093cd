import { WebSocket } from 'ws';
import type { WebSocketClass } from '../../../clients/js/src/index.js';

/** What the client library's sockets were told. */
export interface NotedSockets {
  /** For the client's `webSocket`. */
  readonly webSocket: WebSocketClass;
  /** How many were opened, or tried to be. */
  opened: number;
  /** Types of what they were sent. */
  readonly heard: string[];
  /** Codes that they were closed with. */
  readonly closes: number[];
}

export function noteSockets(): NotedSockets {
  class NotedSocket extends WebSocket {
    constructor(url: string, protocols?: string[]) {
      super(url, protocols);
      noted.opened++;
      this.on('message', (data) => noted.heard.push(JSON.parse(String(data)).type));
      this.on('close', (code) => noted.closes.push(code));
    }
  }
  const noted: NotedSockets = {
    webSocket: NotedSocket as unknown as WebSocketClass,
    opened: 0,
    heard: [],
    closes: [],
  };
  return noted;
}
