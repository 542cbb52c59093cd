import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { requestAddress } from './request-address.js';

/**
 * The key a request carries: `Authorization: Bearer KEY`, `?token=KEY`, or the pair `bearer, KEY` of
 * `Sec-WebSocket-Protocol` (base64url without padding), which is all that browsers can send.
 */
function presentedKey(request: Pick<IncomingMessage, 'headers' | 'url'>): string | null {
  const bearer = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '');
  if (bearer?.[1]) return bearer[1];
  const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',');
  const [marker, encoded] = protocols.map((protocol) => protocol.trim());
  if (marker === 'bearer' && encoded) return Buffer.from(encoded, 'base64url').toString();
  return requestAddress(request.url).query.get('token');
}

/** Whether a request may pass; without a configured key all may. Takes the same time for any key. */
export function isAuthorized(
  request: Pick<IncomingMessage, 'headers' | 'url'>,
  apiKey: string | undefined,
): boolean {
  if (apiKey === undefined) return true;
  const key = presentedKey(request);
  return key !== null && timingSafeEqual(digest(key), digest(apiKey));
}

/** Digests have one length, as a comparison in constant time needs. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
