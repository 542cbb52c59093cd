import { BlockList, isIP, isIPv6 } from 'node:net';
import type { AccessRequest } from './presented-key.js';

/** Addresses of proxies that are believed when they say for whom they ask. */
export type TrustedProxies = BlockList;

/** @param list Addresses and networks such as `10.0.0.0/8`. @throws Error naming the one that is none. */
export function trustedProxies(list: readonly string[]): TrustedProxies {
  const proxies = new BlockList();
  for (const item of list) {
    const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(item) ?? [];
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    try {
      if (prefix === undefined) proxies.addAddress(address, family);
      else proxies.addSubnet(address, Number(prefix), family);
    } catch {
      throw new Error(`"${item}" is no address and no network`);
    }
  }
  return proxies;
}

/**
 * Who sends a request: the other end of its connection; or where that is a trusted proxy, the last one in
 * `X-Forwarded-For` that is not, since whatever stands before it anybody may have written.
 */
export function clientAddress({ headers, socket }: AccessRequest, proxies: TrustedProxies): string {
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  const chain = [...forwarded.map((each) => each.trim()), socket.remoteAddress ?? ''];
  let address = '';
  for (const each of chain.reverse()) {
    const next = plain(each);
    if (isIP(next) === 0) break;
    address = next;
    if (!proxies.check(next, isIPv6(next) ? 'ipv6' : 'ipv4')) break;
  }
  return address;
}

/** What counts as one sender: an IPv6 network of 64 bits belongs to one household, or to one machine. */
export function addressGroup(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const after = tail.split(':').filter(Boolean);
  const zeros = address.includes('::') ? Array(8 - groups.length - after.length).fill('0') : [];
  return `${[...groups, ...zeros, ...after].slice(0, 4).join(':')}::/64`;
}

/** IPv4 on a socket for both, as `::ffff:192.0.2.1`. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}
