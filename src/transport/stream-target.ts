/** Where live audio is streamed to. */
const streamPath = '/v1/stream';
const roomPath = /^\/v1\/rooms\/([^/]+)\/captions$/;

/** What somebody wants who opens a socket. */
export interface StreamTarget {
  /** The room to watch; null for who streams audio. */
  readonly room: string | null;
}

/**
 * What is at an address; null where there is nothing for sockets. Anybody may send anything as an address, such
 * as `//`, on which `URL` throws.
 */
export function streamTarget(url = '/'): StreamTarget | null {
  const path = url.split('?', 1)[0] as string;
  if (path === streamPath) return { room: null };
  const encoded = roomPath.exec(path)?.[1];
  if (encoded === undefined) return null;
  try {
    return { room: decodeURIComponent(encoded) };
  } catch {
    return null;
  }
}
