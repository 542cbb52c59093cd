import { ClientError } from './client-error.js';

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

/** A key, a short-lived token, or what gets one; asked for at every connection. */
export type Token = string | (() => string | Promise<string>);

export interface Endpoint {
  /** Of the gateway, as `https://host`. */
  readonly url: string;
  readonly token?: Token | undefined;
  readonly webSocket?: WebSocketClass | undefined;
}

/** Called with what a socket does; nothing is called after `closed`. */
export interface SocketListener {
  message(text: string): void;
  closed(code: number): void;
}

const open = 1;
/** How long a connection may take to open. */
const openTimeoutMs = 15_000;

/**
 * Opens a socket of the gateway.
 * @throws ClientError `connection_failed`.
 */
export async function openSocket(
  endpoint: Endpoint,
  path: string,
  listener: SocketListener,
): Promise<WebSocketLike> {
  const WebSocket = endpoint.webSocket ?? (await findWebSocket());
  const token = await tokenOf(endpoint);
  const url = new URL(path, endpoint.url);
  url.protocol = url.protocol.replace('http', 'ws');
  // Browsers cannot send headers with a socket, but they can offer protocols.
  const socket = new WebSocket(String(url), token ? ['bearer', toBase64Url(token)] : []);
  socket.binaryType = 'arraybuffer';
  // A gateway that refuses says so at once: whoever listens after the opening would miss it.
  socket.onmessage = ({ data }: { data: unknown }) => {
    if (typeof data === 'string') listener.message(data);
  };
  await new Promise<void>((resolve, reject) => {
    const fail = () => {
      clearTimeout(timer);
      reject(
        new ClientError('connection_failed', `The gateway at ${url.host} cannot be reached.`, {
          retryable: true,
        }),
      );
      socket.close();
    };
    const timer = setTimeout(fail, openTimeoutMs);
    socket.onopen = () => {
      clearTimeout(timer);
      socket.onclose = ({ code }: { code: number }) => listener.closed(code);
      resolve();
    };
    socket.onclose = fail;
    // The close that follows says it; without a listener the `ws` package would throw.
    socket.onerror = () => {};
  });
  return socket;
}

export function isOpen(socket: WebSocketLike | undefined): socket is WebSocketLike {
  return socket?.readyState === open;
}

export async function tokenOf({ token }: Endpoint): Promise<string | undefined> {
  return typeof token === 'function' ? token() : token;
}

async function findWebSocket(): Promise<WebSocketClass> {
  const found = (globalThis as { WebSocket?: unknown }).WebSocket;
  if (found) return found as WebSocketClass;
  // Node before 22. The name is in a variable so that bundlers for browsers do not look for it.
  const name = 'ws';
  const ws = (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as {
    WebSocket: WebSocketClass;
  };
  return ws.WebSocket;
}

function toBase64Url(text: string): string {
  const binary = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte));
  return btoa(binary.join('')).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
