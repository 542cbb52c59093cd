import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { PullEvent } from '../../src/models/index.js';
import { type Answer, serve, startHub } from '../support/hub-server.js';
import { smallModel } from '../support/small-model.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const fixture = fileURLToPath(new URL('../fixtures/pull-model.mjs', import.meta.url));
const { model, contents } = smallModel(2_000_000);
const half = contents.length / 2;
const patience = { stallMs: 60_000, tries: 3, delayMs: 5, maxDelayMs: 50 };

type Said = PullEvent | { readonly type: 'done' };

/** A process of its own that pulls the model; `until` resolves with the first event of a type. */
function pullElsewhere(dir: string, hubUrl: string) {
  const options = JSON.stringify([model, { dir, hubUrl, patience }]);
  const child: ChildProcess = spawn(process.execPath, [fixture, options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said: Said[] = [];
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  lines.on('line', (line) => said.push(JSON.parse(line) as Said));
  return {
    child,
    said,
    async until(isIt: (event: Said) => boolean): Promise<void> {
      while (!said.some(isIt)) await once(lines, 'line');
    },
  };
}

/** Sends half of the file, and the rest once it is told to. */
function inTwoHalves(): { answer: Answer; goOn: () => void } {
  let goOn = () => {};
  const told = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const answer: Answer = (_request, response) => {
    response.writeHead(200, { 'content-length': contents.length, etag: '"one"' });
    response.write(contents.subarray(0, half));
    void told.then(() => response.end(contents.subarray(half)));
  };
  return { answer, goOn };
}

const someCame = (event: Said) => event.type === 'downloading' && event.bytes > half / 2;

describe('two processes that pull the same model', () => {
  test('load it once: the second waits for the first', async () => {
    const dir = temporaryFolder();
    const { answer, goOn } = inTwoHalves();
    const hub = await startHub(answer);
    const first = pullElsewhere(dir, hub.url);
    await first.until(someCame);
    const second = pullElsewhere(dir, hub.url);
    await second.until((event) => event.type === 'waiting');
    goOn();
    await Promise.all([first, second].map((it) => it.until((event) => event.type === 'done')));
    expect(hub.requests).toHaveLength(1);
    expect(second.said).toEqual([{ type: 'waiting' }, { type: 'done' }]);
    expect(readFileSync(join(dir, model.path)).equals(contents)).toBe(true);
    expect(readdirSync(dir).sort()).toEqual([model.path, `${model.path}.record.json`]);
  });

  test('lose nothing where the first is killed: the second continues its file', async () => {
    const dir = temporaryFolder();
    const hub = await startHub(inTwoHalves().answer, serve(contents));
    const first = pullElsewhere(dir, hub.url);
    await first.until(someCame);
    first.child.kill('SIGKILL');
    await once(first.child, 'close');
    const second = pullElsewhere(dir, hub.url);
    await second.until((event) => event.type === 'done');
    expect(hub.requests).toHaveLength(2);
    expect(hub.requests[1]?.headers.range).toMatch(/^bytes=\d+-$/);
    expect(readFileSync(join(dir, model.path)).equals(contents)).toBe(true);
    expect(readdirSync(dir).sort()).toEqual([model.path, `${model.path}.record.json`]);
  });
});
