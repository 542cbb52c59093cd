import { createHmac } from 'node:crypto';

const prefix = 'whsec_';

/**
 * The headers by which a receiver knows who sent a notice and when, as the Standard Webhooks
 * specification (standardwebhooks.com, 1.0) has them: HMAC-SHA256 over id, time and body.
 * @param secret `whsec_` and base64, or any text.
 */
export function signedHeaders(
  { id, body }: { readonly id: string; readonly body: string },
  secret: string,
  nowMs: number,
): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const key = secret.startsWith(prefix)
    ? Buffer.from(secret.slice(prefix.length), 'base64')
    : Buffer.from(secret);
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
}
