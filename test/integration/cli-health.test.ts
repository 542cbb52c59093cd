import { expect, test } from 'vitest';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import { runCli } from '../support/run-cli.js';
import { selfSigned } from '../support/self-signed.js';
import { startGateway } from '../support/start-gateway.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const engine = () => new ScriptedEngine({ script: (window) => spokenThrough(window, 'hello') });

test('health asks the gateway of its settings, without a key, over TLS as well', async () => {
  const { cert: tlsCert, key: tlsKey } = selfSigned(temporaryFolder(), 'own');
  const tls = { tlsCert, tlsKey };
  const { url } = await startGateway({ apiKey: 'open-sesame', ...tls }, { engine: engine() });
  const port = new URL(url).port;
  const env = { PORT: port, TLS_CERT: tlsCert, TLS_KEY: tlsKey };
  const well = await runCli(['health'], env);
  expect([well.code, JSON.parse(well.stdout).status]).toEqual([0, 'ok']);
  const plain = await runCli(['health'], { PORT: port });
  expect([plain.code, plain.stderr]).toEqual([1, expect.stringContaining('does not answer')]);
});

test('health --ready fails while it takes no work, and both where nobody answers', async () => {
  const { url, close } = await startGateway({}, { engine: engine() });
  const env = { PORT: new URL(url).port };
  expect((await runCli(['health', '--ready'], env)).code).toBe(0);
  await fetch(`${url}/v1/admin/drain`, { method: 'POST' });
  const draining = await runCli(['health', '--ready'], env);
  expect([draining.code, draining.stderr]).toEqual([1, expect.stringContaining('draining')]);
  expect((await runCli(['health'], env)).code).toBe(0);
  await close();
  const gone = await runCli(['health'], env);
  expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining('does not answer')]);
});
