import { expect, test } from 'vitest';
import { createClient, type Stats } from '../../../clients/js/src/index.js';
import type { Stats as GatewayStats } from '../../../src/http/index.js';

test('what the gateway tells of itself is what the client says it is', () => {
  // The compiler compares them: the client has types of its own, which stand alone.
  const asTold = (stats: GatewayStats): Stats => stats;
  expect(asTold).toBeTypeOf('function');
});

test('every action is one request', async () => {
  const asked: string[] = [];
  const original = globalThis.fetch;
  globalThis.fetch = async (url, init) => {
    asked.push(`${init?.method ?? 'GET'} ${new URL(String(url)).pathname} ${init?.body ?? ''}`);
    return Response.json({});
  };
  try {
    const { admin } = createClient({ url: 'http://gateway.test' });
    await admin.stats();
    await admin.setSlots('auto');
    await admin.switchModel('a');
    await admin.loadModel('a/b');
    await admin.unloadModel('a');
    await admin.drain();
    await admin.undrain();
  } finally {
    globalThis.fetch = original;
  }
  expect(asked.map((line) => line.trim())).toEqual([
    'GET /v1/stats',
    'PUT /v1/admin/slots {"slots":"auto"}',
    'PUT /v1/admin/model {"model":"a"}',
    'POST /v1/admin/models/a%2Fb/load',
    'POST /v1/admin/models/a/unload',
    'POST /v1/admin/drain',
    'DELETE /v1/admin/drain',
  ]);
});
