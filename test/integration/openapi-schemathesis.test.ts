import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/config/index.js';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
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
    ...['--phases', 'examples,coverage,fuzzing', '--max-examples', apiKey ? '3' : '15'],
    // The same requests every time, and no database of earlier ones.
    ...['--seed', '1', '--generation-database', 'none', '--request-timeout', '20'],
    ...(apiKey ? ['--header', `authorization: Bearer ${apiKey}`] : []),
  ]);
  const { stdout } = await run.catch((error) => error);
  // What was found stands in the report.
  expect(stdout).toMatch(/No issues found/);
  expect(health().status).toBe('ok');
});
