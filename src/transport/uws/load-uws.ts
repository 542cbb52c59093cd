import type { App, SSLApp, us_listen_socket_close, us_socket_local_port } from 'uWebSockets.js';
import { createRequire } from 'node:module';
import { GatewayError } from '../../errors/index.js';

export interface Uws {
  readonly App: typeof App;
  readonly SSLApp: typeof SSLApp;
  readonly us_listen_socket_close: typeof us_listen_socket_close;
  readonly us_socket_local_port: typeof us_socket_local_port;
}

/**
 * The native server itself: the package's own entry would take one in JavaScript where that does not load.
 * @throws GatewayError `stream_server_unavailable`.
 */
export function loadUws(): Uws {
  const { platform, arch, versions } = process;
  const binary = `uws_${platform}_${arch}_${versions.modules}.node`;
  try {
    return createRequire(import.meta.url)(`uWebSockets.js/binaries/${binary}`) as Uws;
  } catch (cause) {
    const message = `uWebSockets.js cannot be loaded on ${platform} ${arch} with Node ${versions.node}: STREAM_SERVER=ws works everywhere.`;
    throw new GatewayError('stream_server_unavailable', { message, cause });
  }
}
