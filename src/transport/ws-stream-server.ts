import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { GatewayError } from '../errors/index.js';
import type { AudioProcessor, NumberedEvent, SessionRegistry } from '../session/index.js';
import { Connection, type ConnectionOptions, failed } from './connection.js';
import { isAuthorized } from './credentials.js';
import { requestAddress } from './request-address.js';
import { WsSocket } from './ws-socket.js';

export interface StreamServerOptions extends ConnectionOptions {
  readonly apiKey: string | undefined;
  readonly maxFrameBytes: number;
}

export interface StreamServerDependencies {
  readonly registry: SessionRegistry;
  readonly createProcessor: (send: (event: NumberedEvent) => void) => AudioProcessor;
  readonly onRefused: (code: string) => void;
  readonly debug: (fields: object, message: string) => void;
}

/** Where live audio is streamed to. */
const streamPath = '/v1/stream';

/** Accepts streaming sockets on an HTTP server, with the `ws` package. */
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
    if (requestAddress(request.url).path !== streamPath) {
      stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, stream, head, (ws) => accept(ws, request));
  });

  function accept(ws: WebSocket, request: IncomingMessage): void {
    ws.on('error', (error) => deps.debug({ error }, 'socket failed'));
    try {
      if (!isAuthorized(request, options.apiKey)) throw new GatewayError('unauthorized');
      deps.registry.assertRoom();
    } catch (error) {
      refuse(ws, GatewayError.from(error));
      return;
    }
    const socket = new WsSocket(ws);
    const connection = new Connection(socket, options, deps.createProcessor);
    socket.listen(connection);
    deps.registry.add(connection);
    void connection.closed.then(() => deps.registry.remove(connection));
  }

  // Browsers cannot read the status of a refused upgrade, so a refusal is an event and a close code.
  function refuse(ws: WebSocket, error: GatewayError): void {
    deps.onRefused(error.code);
    ws.send(JSON.stringify(failed(error, true)));
    ws.close(error.closeCode, error.code);
  }
}
