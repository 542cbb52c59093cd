import { expect, test } from 'vitest';
import { gatewayAddress } from '../../../src/config/index.js';

test.each([
  ['127.0.0.1', 'http://127.0.0.1:8080'],
  ['localhost', 'http://localhost:8080'],
  ['192.168.1.5', 'http://192.168.1.5:8080'],
  ['::1', 'http://[::1]:8080'],
  ['fd00::5', 'http://[fd00::5]:8080'],
  // What listens everywhere is called on this machine.
  ['0.0.0.0', 'http://127.0.0.1:8080'],
  ['::', 'http://[::1]:8080'],
])('a gateway that listens on %s is called at %s', (host, address) => {
  expect(gatewayAddress({ host, port: 8080, tlsCert: undefined })).toBe(address);
});

test('one with a certificate is called by https', () => {
  const config = { host: '::', port: 8443, tlsCert: '/etc/cert.pem' };
  expect(gatewayAddress(config)).toBe('https://[::1]:8443');
});
