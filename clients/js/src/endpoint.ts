/** What is needed of a WebSocket: the browser's, Node's (22 and later), or that of the `ws` package. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
}

export type WebSocketClass = new (url: string, protocols?: string[]) => WebSocketLike;

/** A key, a short-lived token, or what gets one; asked for at every connection and every request. */
export type Token = string | (() => string | Promise<string>);

export interface Endpoint {
  /** Of the gateway, as `https://host`. */
  readonly url: string;
  /** Where it has sockets elsewhere: their address, or `ask` to be told by the gateway each time. */
  readonly streamUrl?: string | undefined;
  /** For programs of your own: browsers should be handed tokens, and never a key. */
  readonly apiKey?: Token | undefined;
  /** The same by another name, for a short-lived token. */
  readonly token?: Token | undefined;
  readonly webSocket?: WebSocketClass | undefined;
}

export async function tokenOf({ apiKey, token }: Endpoint): Promise<string | undefined> {
  const given = token ?? apiKey;
  return typeof given === 'function' ? given() : given;
}
