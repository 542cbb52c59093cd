/**
 * The address of the other end as Node writes it.
 * @param bytes 4 of IPv4, or 16 of IPv6.
 */
export function textOfAddress(bytes: ArrayBuffer): string {
  if (bytes.byteLength === 4) return new Uint8Array(bytes).join('.');
  const view = new DataView(bytes);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(2 * index));
  if (groups.slice(0, 6).join() === '0,0,0,0,0,65535') {
    return `::ffff:${new Uint8Array(bytes, 12).join('.')}`;
  }
  // URL writes the shortest form.
  const text = groups.map((group) => group.toString(16)).join(':');
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}
