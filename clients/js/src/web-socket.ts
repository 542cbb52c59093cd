import { ClientError } from './client-error.js';
import { type Endpoint, tokenOf, type WebSocketClass, type WebSocketLike } from './endpoint.js';
import { requestJson } from './request.js';

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
  const url = new URL(path, await streamUrlOf(endpoint));
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

async function streamUrlOf(endpoint: Endpoint): Promise<string> {
  const { url, streamUrl = url } = endpoint;
  if (streamUrl !== 'ask') return streamUrl;
  const health = await requestJson<{ stream_url: string | null }>(endpoint, '/health');
  return health.stream_url ?? url;
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
