import type { HttpRequest, HttpResponse, us_listen_socket, us_socket } from 'uWebSockets.js';
import type { AccessRequest } from '../../access/index.js';
import { GatewayError } from '../../errors/index.js';
import {
  acceptSocket,
  type StreamServerDependencies,
  type StreamServerOptions,
} from '../accept-socket.js';
import { type StreamTarget, streamTarget } from '../stream-target.js';
import { loadUws } from './load-uws.js';
import { pageHost } from './page-host.js';
import { textOfAddress } from './text-of-address.js';
import { UwsSocket } from './uws-socket.js';

export interface UwsStreamServerOptions extends StreamServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly streamPort: number;
  /** Where the gateway's pages come from. */
  readonly pagePort: number;
  readonly maxHeldBytes: number;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
}

/** A server that listens. */
export interface UwsStreamServer {
  readonly port: number;
  /** Stops to listen and drops who is still connected. */
  close(): void;
}

interface Opened {
  readonly request: AccessRequest;
  readonly target: StreamTarget;
  socket: UwsSocket<Opened> | null;
}

/** LIBUS_LISTEN_EXCLUSIVE_PORT. */
const exclusivePort = 1;
/** A larger frame than this many times the limit is cut off by uWebSockets.js itself, without a word. */
const frameMargin = 4;

/**
 * Accepts sockets with uWebSockets.js on a port of its own.
 * @throws GatewayError `stream_server_unavailable`.
 */
export async function listenWithUws(
  deps: StreamServerDependencies,
  options: UwsStreamServerOptions,
): Promise<UwsStreamServer> {
  const uws = loadUws();
  const { host, streamPort, tlsCert, tlsKey } = options;
  const secure = tlsCert && tlsKey ? { cert_file_name: tlsCert, key_file_name: tlsKey } : null;
  const app = secure ? uws.SSLApp(secure) : uws.App();
  const open = new Set<UwsSocket<Opened>>();
  let port = streamPort;
  const pages = { port: options.pagePort, secure: secure !== null };
  app.ws<Opened>('/*', {
    maxPayloadLength: frameMargin * options.maxFrameBytes,
    // Limits and times are the connection's own, as with any other server.
    maxBackpressure: 0,
    idleTimeout: 0,
    maxLifetime: 0,
    sendPingsAutomatically: false,
    upgrade(response, request, context) {
      const asked = accessRequest(response, request, (host) => pageHost(host, port, pages));
      const target = streamTarget(asked.url);
      if (target === null) {
        response.writeStatus('404 Not Found').end();
        return;
      }
      const offered = request.getHeader('sec-websocket-protocol');
      const protocol = offered.split(',').some((name) => name.trim() === 'bearer') ? 'bearer' : '';
      response.upgrade<Opened>(
        { request: asked, target, socket: null },
        request.getHeader('sec-websocket-key'),
        protocol,
        request.getHeader('sec-websocket-extensions'),
        context,
      );
    },
    open(ws) {
      const opened = ws.getUserData();
      const socket = new UwsSocket(ws, options);
      opened.socket = socket;
      open.add(socket);
      acceptSocket(socket, opened.request, opened.target, deps, options);
    },
    message: (ws, bytes, isBinary) => ws.getUserData().socket?.received(bytes, isBinary),
    pong: (ws) => ws.getUserData().socket?.ponged(),
    drain: (ws) => ws.getUserData().socket?.drained(),
    close(ws, code) {
      const { socket } = ws.getUserData();
      if (!socket) return;
      open.delete(socket);
      socket.closed(code);
    },
  });
  app.any('/*', (response) => {
    response.writeStatus('404 Not Found').end();
  });
  const listening = await new Promise<us_listen_socket | false>((resolve) => {
    // Its type knows no way to name a host and not to share a port with another process; it itself does.
    const listen = app.listen as (...args: readonly unknown[]) => unknown;
    listen.call(app, host, streamPort, exclusivePort, resolve);
  });
  if (!listening) {
    const message = `STREAM_PORT ${streamPort} of ${host} cannot be listened on: it may be taken.`;
    throw new GatewayError('stream_server_unavailable', { message });
  }
  port = uws.us_socket_local_port(listening as us_socket);
  return {
    port,
    close() {
      uws.us_listen_socket_close(listening);
      for (const socket of open) socket.terminate();
    },
  };
}

/** Of a header that comes more than once: a proxy may add its own behind what anybody may have written. */
function everyHeader(request: HttpRequest, name: string): string[] {
  const values: string[] = [];
  request.forEach((key, value) => {
    if (key === name) values.push(value);
  });
  return values;
}

/** What says who asks; it has to be read at once. */
function accessRequest(
  response: HttpResponse,
  request: HttpRequest,
  toPageHost: (host: string) => string,
): AccessRequest {
  const header = (name: string) => request.getHeader(name) || undefined;
  const query = request.getQuery();
  return {
    headers: {
      authorization: header('authorization'),
      origin: header('origin'),
      host: toPageHost(request.getHeader('host')) || undefined,
      'sec-websocket-protocol': header('sec-websocket-protocol'),
      'x-forwarded-for': everyHeader(request, 'x-forwarded-for'),
      'x-request-id': header('x-request-id'),
    },
    url: query ? `${request.getUrl()}?${query}` : request.getUrl(),
    socket: { remoteAddress: textOfAddress(response.getRemoteAddress()) },
  };
}
