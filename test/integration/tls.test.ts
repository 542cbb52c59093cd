import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ConfigError, loadConfig } from '../../src/config/index.js';
import { startGateway } from '../support/start-gateway.js';

let folder: string;
const file = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'whisper-gateway-tls-'));
  for (const name of ['own', 'other']) {
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
        ...['-days', '1', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'],
        ...['-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)],
      ],
      { stdio: 'ignore' },
    );
  }
  writeFileSync(file('no.pem'), 'no certificate\n');
});

afterAll(() => rmSync(folder, { recursive: true }));

test('HTTPS and WSS come directly from the gateway', async () => {
  const { url } = await startGateway({ tlsCert: file('own.pem'), tlsKey: file('own.key') });
  const ca = readFileSync(file('own.pem'));
  expect(url).toMatch(/^https:/);
  const [page] = await once(get(url, { ca }), 'response');
  page.resume();
  expect(page.statusCode).toBe(200);

  const socket = new WebSocket(`${url.replace('https', 'wss')}/v1/stream`, { ca });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'ping', id: 1 }));
  const [pong] = await once(socket, 'message');
  expect(JSON.parse(String(pong))).toEqual({ type: 'pong', id: 1 });
  socket.close();
  await expect(fetch(url.replace('https', 'http'))).rejects.toThrow();
});

test.each([
  ['missing.pem', 'own.key', 'tls_unreadable', 'TLS_CERT'],
  ['own.pem', 'missing.key', 'tls_unreadable', 'TLS_KEY'],
  ['no.pem', 'own.key', 'tls_invalid', 'TLS_CERT'],
  ['own.pem', 'no.pem', 'tls_invalid', 'TLS_KEY'],
  ['own.pem', 'other.key', 'tls_invalid', 'does not belong'],
])('%s with %s is %s', async (cert, key, code, words) => {
  const start = startGateway({ tlsCert: file(cert), tlsKey: file(key) });
  await expect(start).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
});

test('half of it is refused before anything starts', () => {
  expect(() => loadConfig({}, { TLS_CERT: 'a.pem' })).toThrow(ConfigError);
  expect(() => loadConfig({}, { TLS_KEY: 'a.key' })).toThrow('TLS_CERT has to be set, too');
});
