import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/config/index.js';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import type { Document } from '../support/openapi-checker.js';
import { pythonPackage } from '../support/python-package.js';
import { sharedAudio } from '../support/shared-audio.js';
import { startGateway } from '../support/start-gateway.js';

const programs = await pythonPackage('schemathesis', '4.32.5');

// Beside the recordings there is a network, and its absence is a fault.
test.skipIf(!programs && !sharedAudio).each([
  ['without a key', undefined],
  ['with a key', 'open-sesame'],
])('whatever is sent, the gateway answers as its OpenAPI document says: %s', async (_, apiKey) => {
  if (!programs) throw new Error('python3 with the package schemathesis could not be set up');
  const engine = new ScriptedEngine({ script: (window) => spokenThrough(window, 'hello') });
  const { url, health } = await startGateway({ ...(apiKey && { apiKey }) }, { engine });
  const config = join(packageRoot, 'test/fixtures/schemathesis.toml');
  const run = promisify(execFile)(join(programs, 'schemathesis'), [
    ...['--config-file', config, 'run', `${url}/openapi.json`, '--checks', 'all'],
    // It takes one of our two ways to send a key away, and leaves the header that we give it: see the other test.
    ...['--exclude-checks', 'ignored_auth'],
    ...['--phases', 'examples,coverage,fuzzing', '--max-examples', apiKey ? '2' : '6'],
    // It never ends.
    ...['--exclude-path', '/v1/jobs/events'],
    // After it everything else is refused, as it should be.
    ...['--exclude-path', '/v1/admin/drain'],
    // With the first key a gateway wants one of everybody.
    ...(apiKey ? [] : ['--exclude-operation-id', 'post_v1_admin_keys']),
    // The same requests every time, and no database of earlier ones.
    ...['--seed', '1', '--generation-database', 'none', '--request-timeout', '20'],
    ...(apiKey ? ['--header', `authorization: Bearer ${apiKey}`] : []),
  ]);
  // What was found stands in the report.
  const found = await run.then(
    () => 'nothing',
    ({ stdout }: { stdout: string }) => stdout,
  );
  expect(found).toBe('nothing');
  expect(health().status).toBe('ok');
});

test('every route needs the key, where there is one, unless the document says that it is open', async () => {
  const apiKey = 'open-sesame';
  const engine = new ScriptedEngine({ script: (window) => spokenThrough(window, 'hello') });
  const { url } = await startGateway({ apiKey }, { engine });
  const authorized = { headers: { authorization: `Bearer ${apiKey}` } };
  const answer = await fetch(`${url}/openapi.json`, authorized);
  const { paths } = (await answer.json()) as Document;
  const routes = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { security }]) => ({ method, path, security })),
  );
  const isOpen = ({ security }: { security: readonly object[] }) => security.length === 0;
  expect(routes.filter(isOpen).map(({ path }) => path)).toEqual(['/health', '/ready']);
  expect(routes.length).toBeGreaterThan(10);
  for (const route of routes) {
    const { method, path } = route;
    const { status } = await fetch(`${url}${path}`, { method: method.toUpperCase() });
    expect({ method, path, status }).toEqual({ method, path, status: isOpen(route) ? 200 : 401 });
  }
});
