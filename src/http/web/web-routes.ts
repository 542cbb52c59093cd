import type { FastifyInstance } from 'fastify';
import { type StreamAddress, streamUrl } from '../stream-url.js';
import type { WebApp } from './web-app.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Served without a key: whoever has none yet needs a page to enter it in. */
    readonly public?: boolean;
  }
}

/**
 * The one inline style that there is: wavesurfer.js writes it into each player, and this is its checksum. A
 * test says when another version has another one.
 */
export const waveformStyle = "'sha256-fF0LBso7Nz75zaFRDBUefBDvPe19hjaiDnnc8lt+2Js='";

/** Nothing but the page's own files, and no request to anybody else. */
const contentSecurityPolicy = (stream: string | null) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' ${waveformStyle}`,
    "img-src 'self'",
    "media-src 'self' blob:",
    `connect-src 'self'${stream ? ` ${stream}` : ''}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

const headers = {
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'microphone=(self), camera=(), geolocation=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  vary: 'accept-encoding',
} as const;

/** The web app: its page at `/`, asked for anew each time, and its files, kept for good. */
export function webRoutes(
  app: FastifyInstance,
  webApp: WebApp,
  streamAddress: () => StreamAddress,
): void {
  for (const [path, file] of webApp) {
    const cacheControl = file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache';
    app.get(path, { config: { public: true } }, async (request, reply) => {
      const stream = streamUrl(request.headers.host, streamAddress());
      reply.header('content-security-policy', contentSecurityPolicy(stream));
      reply.headers(headers).header('cache-control', cacheControl).header('etag', file.etag);
      if (request.headers['if-none-match'] === file.etag) return reply.status(304).send();
      reply.type(file.contentType);
      const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
      if (!takesGzip || !file.gzipped) return reply.send(file.body);
      return reply.header('content-encoding', 'gzip').send(file.gzipped);
    });
  }
}
