import { choice, integer, optionalText, optionalUrl, text } from './option-fields.js';

/** Where the gateway listens, and what one connection may take. */
export const listeningOptions = {
  // Listening.
  host: text(
    'HOST',
    '127.0.0.1',
    'Address to listen on. Any but loopback needs a key (access.md).',
  ),
  port: integer('PORT', 8080, 0, 65_535, 'TCP port to listen on; 0 takes a free one.'),
  tlsCert: optionalText(
    'TLS_CERT',
    'File with a certificate, and what signed it, in PEM format. With TLS_KEY the gateway speaks HTTPS and WSS only.',
  ),
  tlsKey: optionalText('TLS_KEY', 'File with the private key of TLS_CERT, in PEM format.'),
  streamServer: choice(
    'STREAM_SERVER',
    ['ws', 'uws'],
    'ws',
    'What accepts WebSockets: the `ws` package, on PORT; or uWebSockets.js as well, on STREAM_PORT, with less CPU for each frame (sockets.md).',
  ),
  streamPort: integer(
    'STREAM_PORT',
    8081,
    0,
    65_535,
    'TCP port of uWebSockets.js, with STREAM_SERVER=uws; 0 takes a free one.',
  ),
  streamUrl: optionalUrl(
    'STREAM_URL',
    'Where clients reach STREAM_PORT, where that is not the host they asked: behind a proxy, such as https://stream.example.',
  ),

  // Limits of connections.
  maxConnections: integer(
    'MAX_CONNECTIONS',
    50,
    1,
    100_000,
    'Streaming connections served at the same time; the next one is closed with 4429.',
  ),
  maxFrameBytes: integer(
    'MAX_FRAME_BYTES',
    1_048_576,
    1_024,
    67_108_864,
    'Largest WebSocket frame in bytes; a larger one closes with 1009.',
  ),
  maxUnreadBytes: integer(
    'MAX_UNREAD_BYTES',
    4_194_304,
    65_536,
    268_435_456,
    'Bytes of events that may wait for a slow reader before it is closed with 1008.',
  ),
  maxEarlyAudioBytes: integer(
    'MAX_EARLY_AUDIO_BYTES',
    4_194_304,
    65_536,
    268_435_456,
    'Bytes of audio kept while a session is being set up or its decoder is busy; beyond it the socket is no longer read.',
  ),
  maxHeldBytes: integer(
    'MAX_HELD_BYTES',
    33_554_432,
    65_536,
    1_073_741_824,
    'Bytes that are kept of one connection of uWebSockets.js, which cannot be told to wait as others can; beyond it the connection is closed with 1008.',
  ),
  idleTimeoutMs: integer(
    'IDLE_TIMEOUT_MS',
    60_000,
    1_000,
    86_400_000,
    'Milliseconds without any frame from a client before it is closed with 4408.',
  ),
  pingIntervalMs: integer(
    'PING_INTERVAL_MS',
    20_000,
    1_000,
    3_600_000,
    'Milliseconds between WebSocket pings, which keep proxies from closing the connection.',
  ),
};
