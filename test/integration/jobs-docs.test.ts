import { execFile, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/config/index.js';
import { ScriptedEngine, spoken } from '../../src/engine/index.js';
import { jfkMp3 } from '../support/jfk.js';
import { createJob, endedJob } from '../support/jobs-client.js';
import { startGateway } from '../support/start-gateway.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const page = readFileSync(join(packageRoot, 'docs/jobs.md'), 'utf8');
const lines = page.split('\n').filter((line) => line.startsWith('curl '));
const hasCurl = spawnSync('curl', ['--version']).status === 0;
const run = promisify(execFile);

test.skipIf(!hasCurl)('every curl line of docs/jobs.md does what it says', async () => {
  const engine = new ScriptedEngine({ script: () => spoken([['word', 0, 300]]) });
  const { url } = await startGateway({}, { engine });
  const folder = temporaryFolder();
  for (const name of ['talk.mp3', 'call.wav']) writeFileSync(join(folder, name), jfkMp3);
  for (const line of lines) {
    // What can be cancelled runs, what can be tried again was cancelled, and all else has ended.
    const changed = /cancel|retry|PATCH/.test(line);
    if (changed) engine.hold();
    const { id } = await createJob(url, { name: 'talk.mp3', bytes: jfkMp3 });
    if (line.includes('retry')) await fetch(`${url}/v1/jobs/${id}/cancel`, { method: 'POST' });
    if (!changed) await endedJob(url, id);
    const env = { PATH: process.env.PATH ?? '', GATEWAY: url, ID: id };
    const shown = line.replace(/^curl /, 'curl -w "\\n%{http_code}" ');
    // A stream without an end is ended by curl, which says so with its exit code.
    const { stdout } = await run('sh', ['-c', `${shown} || test $? = 28`], { cwd: folder, env });
    expect(stdout, line).toMatch(/\n20[0146]$/);
    if (line.includes('-sN')) expect(stdout, line).toMatch(/^event: /m);
    engine.release();
  }
});

test('docs/jobs.md has a line for every route', () => {
  const routes = [
    /\/v1\/jobs" -F/,
    /\/v1\/jobs\?/,
    /\$ID"$/,
    /\$ID\/events/,
    /\/v1\/jobs\/events/,
    /\$ID\/result/,
    /\$ID\/audio/,
    /-X POST .*\/cancel/,
    /-X POST .*\/retry/,
    /-X PATCH/,
    /-X DELETE/,
  ];
  for (const route of routes) expect(lines.filter((line) => route.test(line))).not.toEqual([]);
});
