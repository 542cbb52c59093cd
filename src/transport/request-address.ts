/**
 * The path and the query of a request. Anybody may send anything as an address, such as `//`, on which `URL`
 * throws.
 */
export function requestAddress(url = '/'): { path: string; query: URLSearchParams } {
  const [path = '', query = ''] = url.split(/\?(.*)/s);
  return { path, query: new URLSearchParams(query) };
}
