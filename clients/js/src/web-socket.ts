import { ClientError } from './client-error.js';
import { type Endpoint, tokenOf, type WebSocketClass, type WebSocketLike } from './endpoint.js';
import type { CloseCode } from './protocol.js';
import { requestJson, unreachable } from './request.js';

/** Called with what a socket does; nothing is called after `closed`. */
export interface SocketListener {
  message(text: string): void;
  closed(code: number): void;
}

const open = 1;
/** How long a connection may take to open, the question for its address included. */
const openTimeoutMs = 15_000;
/** Closes after which the same request would only be refused again. */
const finalCloses: ReadonlySet<number> = new Set<CloseCode>([
  1003, 1008, 1009, 4400, 4401, 4403, 4409,
]);

/**
 * Opens a socket of the gateway.
 * @throws ClientError `connection_failed`; the gateway's, where it is asked for the address.
 */
export async function openSocket(
  endpoint: Endpoint,
  path: string,
  listener: SocketListener,
): Promise<WebSocketLike> {
  const WebSocket = endpoint.webSocket ?? (await findWebSocket());
  const token = await tokenOf(endpoint);
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(unreachable(new URL(endpoint.url))), openTimeoutMs);
  try {
    const url = new URL(path, await streamUrlOf(endpoint, late.signal));
    url.protocol = url.protocol.replace('http', 'ws');
    // Browsers cannot send headers with a socket, but they can offer protocols.
    const socket = new WebSocket(String(url), token ? ['bearer', toBase64Url(token)] : []);
    await opened(socket, listener, url, late.signal);
    return socket;
  } finally {
    clearTimeout(timer);
  }
}

/** A connection that is no more. @param code It was closed with; 1006 without any. */
export function connectionLost(code: number): ClientError {
  return new ClientError('connection_lost', `The connection was lost (${code}).`, {
    retryable: !finalCloses.has(code),
  });
}

export function isOpen(socket: WebSocketLike | undefined): socket is WebSocketLike {
  return socket?.readyState === open;
}

/** Resolves when it is open. @throws ClientError `connection_failed`. */
function opened(
  socket: WebSocketLike,
  listener: SocketListener,
  url: URL,
  late: AbortSignal,
): Promise<void> {
  socket.binaryType = 'arraybuffer';
  // A gateway that refuses says so at once: whoever listens after the opening would miss it.
  socket.onmessage = ({ data }: { data: unknown }) => {
    if (typeof data === 'string') listener.message(data);
  };
  return new Promise((resolve, reject) => {
    const fail = () => {
      reject(unreachable(url));
      socket.close();
    };
    late.addEventListener('abort', fail);
    socket.onopen = () => {
      socket.onclose = ({ code }: { code: number }) => listener.closed(code);
      resolve();
    };
    socket.onclose = fail;
    // The close that follows says it; without a listener the `ws` package would throw.
    socket.onerror = () => {};
  });
}

async function streamUrlOf(endpoint: Endpoint, signal: AbortSignal): Promise<string> {
  const { url, streamUrl = url } = endpoint;
  if (streamUrl !== 'ask') return streamUrl;
  const health = await requestJson<{ stream_url: string | null }>(endpoint, '/health', { signal });
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
