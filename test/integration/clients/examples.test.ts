import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { jfkAs, jfkPath, jfkText } from '../../support/jfk.js';
import { startGateway } from '../../support/start-gateway.js';
import { countErrors } from '../../support/word-error-rate.js';

const examples = join(import.meta.dirname, '../../../clients/js/examples');

test.each([
  ['transcribe-live.mjs', [] as string[]],
  ['transcribe-file.mjs', [jfkPath]],
])('%s runs on the package as it is built', async (name, args) => {
  const gateway = await startGateway();
  const pcm = await jfkAs();
  const text = await new Promise<string>((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [join(examples, name), ...args],
      { env: { ...process.env, GATEWAY_URL: gateway.url, LANGUAGE: 'en' } },
      (error, stdout, stderr) => (error ? reject(new Error(stderr)) : resolve(stdout)),
    );
    // One of them has no use for its input.
    child.stdin?.on('error', () => {});
    child.stdin?.end(pcm);
  });
  expect(countErrors(jfkText, text).edits, text).toBeLessThanOrEqual(1);
});
