import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import {
  acceptSocket,
  type StreamServerDependencies,
  type StreamServerOptions,
} from './accept-socket.js';
import { closeTimeoutMs } from './outbox.js';
import { streamTarget } from './stream-target.js';
import { WsSocket } from './ws-socket.js';

/** How long a client may take for its part of the closing handshake; its name is that of ws, whose types lack it. */
const closing = { closeTimeout: closeTimeoutMs };
/** Pings are answered while no more than this waits for the client. */
const maxUnreadBeforePong = 65_536;

/**
 * Accepts streaming sockets, and those that watch a room, on an HTTP server with the `ws` package. The server
 * cannot end before they do: `close` gives them their time for the closing handshake, and then drops them.
 */
export function attachWsStreamServer(
  server: Server,
  deps: StreamServerDependencies,
  options: StreamServerOptions,
): { close(): void } {
  const sockets = new WebSocketServer({
    ...closing,
    noServer: true,
    maxPayload: options.maxFrameBytes,
    autoPong: false,
    // Audio is compressed already, and a deflate context costs memory on every connection.
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('bearer') ? 'bearer' : false),
  });

  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    // The handshake below adds its own handlers; before them a reset must not end the process.
    stream.on('error', (error) => deps.debug({ error }, 'socket failed'));
    const target = streamTarget(request.url);
    if (target === null) {
      // Nothing else looks after such a stream: whoever keeps their side open must not keep it.
      stream.once('finish', () => stream.destroy());
      stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, stream, head, (ws) => {
      ws.on('error', (error) => deps.debug({ error }, 'socket failed'));
      ws.on('ping', (data) => {
        // Whoever pings and does not read would else be answered into our memory.
        if (ws.bufferedAmount < maxUnreadBeforePong) ws.pong(data);
      });
      acceptSocket(new WsSocket(ws), request, target, deps, options);
    });
  });

  return {
    close() {
      setTimeout(() => {
        for (const ws of sockets.clients) ws.terminate();
      }, closeTimeoutMs).unref();
    },
  };
}
