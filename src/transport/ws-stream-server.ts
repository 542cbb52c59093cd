import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { GatewayError } from '../errors/index.js';
import { failedEvent } from '../protocol/index.js';
import type { Rooms } from '../rooms/index.js';
import type { SessionRegistry } from '../session/index.js';
import { Connection, type ConnectionOptions } from './connection.js';
import { isAuthorized } from './credentials.js';
import { requestAddress } from './request-address.js';
import { WsSocket } from './ws-socket.js';
import { watchedRoom, watchRoom } from './ws-viewer.js';

export interface StreamServerOptions extends ConnectionOptions {
  readonly apiKey: string | undefined;
  readonly maxFrameBytes: number;
}

export interface StreamServerDependencies {
  readonly registry: SessionRegistry;
  readonly rooms: Rooms;
  readonly onRefused: (code: string) => void;
  readonly debug: (fields: object, message: string) => void;
}

/** Where live audio is streamed to. */
const streamPath = '/v1/stream';

/** Accepts streaming sockets, and those that watch a room, on an HTTP server with the `ws` package. */
export function attachWsStreamServer(
  server: Server,
  deps: StreamServerDependencies,
  options: StreamServerOptions,
): void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: options.maxFrameBytes,
    // Audio is compressed already, and a deflate context costs memory on every connection.
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('bearer') ? 'bearer' : false),
  });

  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    // The handshake below adds its own handlers; before them a reset must not end the process.
    stream.on('error', (error) => deps.debug({ error }, 'socket failed'));
    const { path } = requestAddress(request.url);
    const room = watchedRoom(path);
    if (path !== streamPath && room === null) {
      stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, stream, head, (ws) => accept(ws, request, room));
  });

  function accept(ws: WebSocket, request: IncomingMessage, room: string | null): void {
    ws.on('error', (error) => deps.debug({ error }, 'socket failed'));
    try {
      if (!isAuthorized(request, options.apiKey)) throw new GatewayError('unauthorized');
      if (room !== null) {
        watchRoom(ws, room, deps.rooms);
        return;
      }
      const socket = new WsSocket(ws);
      socket.listen(new Connection(socket, options, deps.registry));
    } catch (error) {
      refuse(ws, GatewayError.from(error));
    }
  }

  // Browsers cannot read the status of a refused upgrade, so a refusal is an event and a close code.
  function refuse(ws: WebSocket, error: GatewayError): void {
    deps.onRefused(error.code);
    ws.send(JSON.stringify(failedEvent(error, true)));
    ws.close(error.closeCode, error.code);
  }
}
