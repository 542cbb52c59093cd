import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isPublicAddress } from './public-address.js';
import { checkWebhookUrl, refusedAddress } from './webhook-url.js';

export interface Post {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly allowPrivate: boolean;
  readonly signal: AbortSignal;
}

/** Looks a name up, by the rules of `dns.lookup`. */
export type Lookup = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Posts JSON. The address that was checked is the one that is connected to, so a name cannot be public when
 * it is looked up and private when it is used. Redirects are not followed, and the answer is not read.
 * @returns The answer's status.
 * @throws GatewayError `webhook_refused`, or what the network says.
 */
export function postWebhook(
  { url: text, body, headers, allowPrivate, signal }: Post,
  resolve: Lookup = lookup,
): Promise<number> {
  return new Promise((answer, reject) => {
    const url = checkWebhookUrl(text, allowPrivate);
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      method: 'POST',
      agent: false,
      signal,
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'whisper-gateway',
      },
      lookup: guarded(resolve, allowPrivate),
    });
    request.on('error', reject);
    request.on('response', (response) => {
      answer(response.statusCode ?? 0);
      response.destroy();
    });
    request.end(body);
  });
}

type Found = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/** One private address among those of a name is enough to refuse it. */
function guarded(resolve: Lookup, allowPrivate: boolean) {
  return (hostname: string, options: LookupOptions, found: Found) =>
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || !first) return found(error ?? new Error('no address'), []);
      if (!allowPrivate && !addresses.every(({ address }) => isPublicAddress(address))) {
        return found(refusedAddress(), []);
      }
      if (options.all) found(null, addresses);
      else found(null, first.address, first.family);
    });
}
