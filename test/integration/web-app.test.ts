import { get } from 'node:http';
import { expect, test } from 'vitest';
import type { Config } from '../../src/config/index.js';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import { startGateway } from '../support/start-gateway.js';

/** Pages need nothing that transcribes. */
function open(config: Partial<Config> = {}) {
  const engine = new ScriptedEngine({ script: (window) => spokenThrough(window, '') });
  return startGateway(config, { engine });
}

test('the page allows nothing but itself, and its files are kept for good', async () => {
  const { url } = await open();
  const page = await fetch(`${url}/`);
  const html = await page.text();
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('cache-control')).toBe('no-cache');
  expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  const policy = page.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|data:|\*/);

  const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => String(path));
  expect(files.length).toBeGreaterThan(3);
  for (const path of files) {
    // Nothing of anybody else's.
    expect(path).toMatch(/^\/[a-z]/);
    const file = await fetch(url + path);
    expect(file.status, path).toBe(200);
    expect(file.headers.get('cache-control')).toBe(
      path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    );
    expect(file.headers.get('content-encoding')).toBe('gzip');
  }

  const licences = await (await fetch(`${url}/licenses.txt`)).text();
  for (const name of ['preact', 'wavesurfer.js']) expect(licences).toContain(name);

  const etag = page.headers.get('etag') ?? '';
  const again = await fetch(`${url}/`, { headers: { 'if-none-match': etag } });
  expect(again.status).toBe(304);
  const plain = await fetch(`${url}/`, { headers: { 'accept-encoding': 'identity' } });
  expect(plain.headers.get('content-encoding')).toBeNull();
  expect(await plain.text()).toBe(html);
});

test.each([
  '/../package.json',
  '/assets/../../../package.json',
  '/assets/%2e%2e/%2e%2e/%2e%2e/package.json',
  '/assets/..%2f..%2f..%2fpackage.json',
  '/.sources',
  '/assets/',
])('%s leads nowhere', async (path) => {
  const { url } = await open();
  // fetch() would tidy the path up before it is sent.
  const status = await new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    get({ hostname, port, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
  });
  expect(status).toBe(404);
});

test('with a key the page is for everybody, and what it asks for is not', async () => {
  const { url } = await open({ apiKey: 'secret' });
  expect((await fetch(`${url}/`)).status).toBe(200);
  expect((await fetch(`${url}/v1/models`)).status).toBe(401);
  expect((await fetch(`${url}/nowhere`)).status).toBe(401);
});
