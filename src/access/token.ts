import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { type Scope, scopes } from '../protocol/index.js';
import { sameDigest } from './secret-key.js';

/** What a token says. It is signed, and everybody who has it can read it. */
export interface TokenClaims {
  /** The id of the key that it was made with. */
  readonly key: string;
  readonly scopes: readonly Scope[];
  /** The only room that it is good for; null for any. */
  readonly room: string | null;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** Short names: tokens stand in addresses. */
const claimsSchema = z.object({
  k: z.string(),
  s: z.array(z.enum(scopes)),
  r: z.string().nullable(),
  e: z.int(),
});

const tokenPattern = /^wgt_([\w-]{1,1000})\.([\w-]{43})$/;

/** Signs what a token says (HMAC-SHA-256, RFC 2104). */
export function writeToken(claims: TokenClaims, signingKey: string): string {
  const { key: k, scopes: s, room: r, expiresAtMs: e } = claims;
  const body = Buffer.from(JSON.stringify({ k, s, r, e })).toString('base64url');
  return `wgt_${body}.${signatureOf(body, signingKey)}`;
}

/** What a token claims, before anybody has checked it; null where it is none. */
export function readToken(token: string): { claims: TokenClaims; isSignedBy: IsSignedBy } | null {
  const [, body, signature] = tokenPattern.exec(token) ?? [];
  if (body === undefined || signature === undefined) return null;
  try {
    const { k, s, r, e } = claimsSchema.parse(
      JSON.parse(Buffer.from(body, 'base64url').toString()),
    );
    return {
      claims: { key: k, scopes: s, room: r, expiresAtMs: e },
      isSignedBy: (signingKey) => sameDigest(signature, signatureOf(body, signingKey)),
    };
  } catch {
    return null;
  }
}

/** Whether it was signed with this key. Takes the same time for any signature. */
type IsSignedBy = (signingKey: string) => boolean;

/**
 * The key that the tokens of one API key are signed with: without the gateway's secret nobody makes one, and
 * with another API key those before it are void.
 */
export function signingKeyOf(secret: string, keyDigest: string): string {
  return createHmac('sha256', secret).update(keyDigest).digest('hex');
}

function signatureOf(body: string, signingKey: string): string {
  return createHmac('sha256', signingKey).update(body).digest('base64url');
}
