import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Lookup, postWebhook } from '../../../src/jobs/webhooks/post-webhook.js';
import { isPublicAddress } from '../../../src/jobs/webhooks/public-address.js';
import { signedHeaders } from '../../../src/jobs/webhooks/sign-webhook.js';
import { checkWebhookUrl } from '../../../src/jobs/webhooks/webhook-url.js';

test.each([
  ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '169.254.169.254', '172.31.255.255'],
  ...['192.168.1.1', '198.19.0.1', '224.0.0.1', '255.255.255.255', '::', '::1', '::ffff:127.0.0.1'],
  ...['::ffff:8.8.8.8', '64:ff9b::7f00:1', 'fe80::1', 'fd00::1', 'ff02::1', '2002:7f00:1::'],
  ...['2001:db8::1', '2001::1', 'localhost', ''],
])('%s is not public', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001::1'])(
  '%s is public',
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

test.each([
  ...['http://127.0.0.1/', 'http://0x7f.1/', 'http://2130706433/', 'http://[::1]:80/'],
  ...['http://[::ffff:10.0.0.1]/', 'ftp://example.com/', 'http://me:pass@example.com/', 'nothing'],
])('%s is refused before anything is looked up', (url) => {
  expect(() => checkWebhookUrl(url, false)).toThrow(
    expect.objectContaining({ code: 'webhook_refused' }),
  );
});

describe('a name that is looked up', () => {
  const found = (...addresses: string[]): Lookup => {
    const list = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    return (_, __, callback) => callback(null, list);
  };
  const post = (port: number, allowPrivate: boolean, lookup: Lookup) =>
    postWebhook(
      {
        url: `http://hooks.example:${port}/path`,
        body: '{}',
        headers: {},
        allowPrivate,
        signal: AbortSignal.timeout(5_000),
      },
      lookup,
    );
  const serve = async (status: number, headers: Record<string, string> = {}) => {
    const paths: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      paths.push(request.url);
      response.writeHead(status, headers).end('text');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return { port: (server.address() as AddressInfo).port, paths };
  };

  test.each([[['127.0.0.1']], [['8.8.8.8', '10.0.0.1']], [['::1']]])(
    'is refused where it leads to %j, and nothing is connected to',
    async (addresses) => {
      const { port, paths } = await serve(200);
      await expect(post(port, false, found(...addresses))).rejects.toMatchObject({
        code: 'webhook_refused',
      });
      expect(paths).toEqual([]);
    },
  );

  test('is reached where private addresses are allowed; redirects are not followed', async () => {
    const { port, paths } = await serve(302, { location: '/elsewhere' });
    expect(await post(port, true, found('127.0.0.1'))).toBe(302);
    expect(paths).toEqual(['/path']);
  });
});

test('the signature is that of the Standard Webhooks specification', () => {
  // The example of its reference implementations.
  const headers = signedHeaders(
    { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' },
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    1_614_265_330_000,
  );
  expect(headers).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});
