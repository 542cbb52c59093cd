import { type Endpoint, tokenOf } from './endpoint.js';
import { requestJson } from './request.js';

export type Scope = 'stream' | 'transcribe' | 'jobs' | 'speech' | 'watch' | 'admin';

/** What a token is to be good for. */
export interface TokenRequest {
  /** Those of the key, or fewer; never `admin`. */
  readonly scopes: readonly Scope[];
  /** The only room to speak in and to watch. */
  readonly room?: string;
  /** How long something may be begun with it. @default 300 */
  readonly lifetimeSeconds?: number;
}

export interface CreatedToken {
  readonly token: string;
  readonly scopes: readonly Scope[];
  readonly room: string | null;
  /** As in RFC 3339. */
  readonly expires_at: string;
}

/** Long enough to listen to a file, with breaks. */
const playingSeconds = 12 * 3_600;

/** @throws ClientError of the gateway: `insufficient_scope` where the key may not do as much itself. */
export function createToken(
  endpoint: Endpoint,
  { scopes, room, lifetimeSeconds }: TokenRequest,
): Promise<CreatedToken> {
  return requestJson(endpoint, '/v1/tokens', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ scopes, room, lifetime_seconds: lifetimeSeconds }),
  });
}

/** A token to put into an address, where others may see it; undefined where none is needed. */
export async function tokenForAddress(
  endpoint: Endpoint,
  scope: Scope,
): Promise<string | undefined> {
  const shown = await tokenOf(endpoint);
  // A token makes no further ones, and is what may stand in an address already.
  if (!shown || shown.startsWith('wgt_')) return shown;
  const asked = { scopes: [scope], lifetimeSeconds: playingSeconds };
  return (await createToken(endpoint, asked)).token;
}
