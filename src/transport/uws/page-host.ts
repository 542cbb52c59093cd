/**
 * A page of the gateway comes from its other port, and is no stranger for that: what a client has asked for on the
 * port of sockets, as it would have asked the pages for it. Any other name, such as a proxy's, stays as it is.
 */
export function pageHost(
  host: string,
  streamPort: number,
  pages: { readonly port: number; readonly secure: boolean },
): string {
  const scheme = pages.secure ? 'https' : 'http';
  const asked = `${scheme}://${host}`;
  if (!URL.canParse(asked)) return host;
  const { hostname, port } = new URL(asked);
  const standard = pages.secure ? 443 : 80;
  if (Number(port || standard) !== streamPort) return host;
  return new URL(`${scheme}://${hostname}:${pages.port}`).host;
}
