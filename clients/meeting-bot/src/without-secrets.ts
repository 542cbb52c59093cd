/** An address without what may let others into the meeting. */
export function withoutSecrets(address: URL): string {
  return `${address.origin}${address.pathname}`;
}
