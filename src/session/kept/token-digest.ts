import { createHash, timingSafeEqual } from 'node:crypto';

/** SHA-256 of a resume token, in hex: what is kept of it. */
export function tokenDigest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Compares in constant time, which digests allow as they have one length. */
export function sameToken(token: string, digest: string): boolean {
  return timingSafeEqual(Buffer.from(tokenDigest(token), 'hex'), Buffer.from(digest, 'hex'));
}
