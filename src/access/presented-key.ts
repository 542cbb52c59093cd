/** Of a request, what says who sends it; whichever server has accepted it. */
export interface AccessRequest {
  readonly headers: {
    readonly authorization?: string | undefined;
    readonly origin?: string | undefined;
    readonly host?: string | undefined;
    readonly 'sec-websocket-protocol'?: string | undefined;
    readonly 'x-forwarded-for'?: string | string[] | undefined;
    /** Says nothing of who asks; logs name it. */
    readonly 'x-request-id'?: string | string[] | undefined;
  };
  readonly url?: string | undefined;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/**
 * The key or the token that a request carries: `Authorization: Bearer KEY`, the pair `bearer, KEY` of
 * `Sec-WebSocket-Protocol` (base64url without padding), which is all that browsers can send with a WebSocket,
 * or `?token=KEY`.
 */
export function presentedKey({ headers, url = '' }: AccessRequest): string | null {
  const bearer = /^Bearer +(.+)$/i.exec(headers.authorization ?? '');
  if (bearer?.[1]) return bearer[1];
  const protocols = (headers['sec-websocket-protocol'] ?? '').split(',');
  const [marker, encoded] = protocols.map((protocol) => protocol.trim());
  if (marker === 'bearer' && encoded) return Buffer.from(encoded, 'base64url').toString();
  // Anybody may send anything as an address, such as `//`, on which `URL` throws.
  const [, query = ''] = url.split(/\?(.*)/s);
  return new URLSearchParams(query).get('token');
}
