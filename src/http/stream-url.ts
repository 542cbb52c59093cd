/** Where sockets are accepted, if elsewhere than everything else. */
export interface StreamAddress {
  /** Null where they are accepted on the gateway's own port. */
  readonly port: number | null;
  /** As clients reach it, where the gateway cannot know that. */
  readonly url?: string | undefined;
  readonly secure: boolean;
}

/**
 * The address at which a client opens its sockets, as `ws://host:port` or `wss://…`; null where that is the one
 * it asked.
 * @param host The header `Host` of its request.
 */
export function streamUrl(host: string | undefined, address: StreamAddress): string | null {
  if (address.port === null) return null;
  if (address.url) return new URL(address.url.replace(/^http/, 'ws')).origin;
  const asked = `http://${host ?? ''}`;
  if (!URL.canParse(asked)) return null;
  const { hostname } = new URL(asked);
  return `${address.secure ? 'wss' : 'ws'}://${hostname}:${address.port}`;
}
