import { execFile } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/config/index.js';
import { jfkPath, jfkText } from '../support/jfk.js';
import { startGateway } from '../support/start-gateway.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { countErrors } from '../support/word-error-rate.js';

const page = readFileSync(join(packageRoot, 'docs/http.md'), 'utf8');
const commands = [...page.matchAll(/^```sh\n(.*?)^```$/gms)]
  .flatMap(([, block]) => (block as string).split('\n'))
  .filter((line) => line.startsWith('curl '));

test('every curl line of docs/http.md does what it says', async () => {
  expect(commands.length).toBeGreaterThanOrEqual(10);
  const gateway = await startGateway();
  const folder = temporaryFolder();
  copyFileSync(jfkPath, join(folder, 'speech.mp3'));
  for (const command of commands) {
    const line = command
      .replace(/^curl /, 'curl --fail-with-body --silent --show-error ')
      .replace('http://127.0.0.1:8080', gateway.url);
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', line], { cwd: folder });
    if (command.includes('/models')) expect(stdout, command).toContain('"whisper-1"');
    else expect(countErrors(jfkText, textOf(stdout)).edits, command).toBeLessThanOrEqual(2);
  }
});

/** What is said in an answer, in whatever format it is. */
function textOf(answer: string): string {
  if (answer.startsWith('{')) return JSON.parse(answer).text;
  const done = /"type":"transcript\.text\.done","text":"([^"]*)"/.exec(answer);
  if (done) return done[1] as string;
  const lines = answer.split('\n').filter((line) => !/^(WEBVTT|\d+|.* --> .*)$/.test(line));
  return lines.join(' ');
}
