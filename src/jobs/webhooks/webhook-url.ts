import { isIP } from 'node:net';
import { GatewayError } from '../../errors/index.js';
import { isPublicAddress } from './public-address.js';

/**
 * Checks what can be known of a webhook's address before its name is looked up.
 * @throws GatewayError `webhook_refused`.
 */
export function checkWebhookUrl(text: string, allowPrivate: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw refused('A webhook has to be an http or https address without a name and password.');
  }
  const address = addressOf(url);
  if (address !== null && !allowPrivate && !isPublicAddress(address)) throw refusedAddress();
  return url;
}

/** Where the host is an address and no name: that address. */
function addressOf({ hostname }: URL): string | null {
  const bare = hostname.replace(/^\[|\]$/g, '');
  return isIP(bare) === 0 ? null : bare;
}

export function refusedAddress(): GatewayError {
  return refused(
    'This webhook leads to an address that is not public. WEBHOOK_PRIVATE_ADDRESSES=allow permits that.',
  );
}

function refused(message: string): GatewayError {
  return new GatewayError('webhook_refused', { message });
}
