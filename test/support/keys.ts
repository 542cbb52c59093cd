import type { Gateway } from '../../src/gateway/index.js';
import type { Scope } from '../../src/protocol/index.js';

/** What the tests' operator opens everything with. */
export const operatorKey = 'open sesame';

/** A key, as the admin API makes it. */
export interface MadeKey {
  readonly id: string;
  readonly key: string;
}

/** Asks as whoever has this key. */
export function ask(
  { url }: Pick<Gateway, 'url'>,
  path: string,
  key: string | null,
  init: RequestInit = {},
): Promise<Response> {
  const headers = new Headers(init.headers);
  if (key !== null) headers.set('authorization', `Bearer ${key}`);
  return fetch(url + path, { ...init, headers });
}

/** Sends JSON as whoever has this key. */
export function send(
  gateway: Pick<Gateway, 'url'>,
  path: string,
  key: string | null,
  body: object,
): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return ask(gateway, path, key, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** Makes a key by the admin API. @param limits As the API names them. */
export async function makeKey(
  gateway: Pick<Gateway, 'url'>,
  scopes: readonly Scope[],
  limits: Readonly<Record<string, number>> = {},
): Promise<MadeKey> {
  const asked = { name: `for ${scopes.join(' and ')}`, scopes, limits };
  const answer = await send(gateway, '/v1/admin/keys', operatorKey, asked);
  if (answer.status !== 201) throw new Error(`${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as MadeKey;
}

/** Makes a token. */
export async function makeToken(
  gateway: Pick<Gateway, 'url'>,
  key: string,
  asked: { scopes: readonly Scope[]; room?: string; lifetime_seconds?: number },
): Promise<string> {
  const answer = await send(gateway, '/v1/tokens', key, asked);
  if (answer.status !== 201) throw new Error(`${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { token: string }).token;
}
