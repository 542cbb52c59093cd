import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Gateway } from '../../../src/gateway/index.js';
import { modelPath, startWorkerPool } from '../../support/native-engine.js';
import { eventually, impatient, recordEvents } from '../../support/pool-events.js';
import { pretendGpus } from '../../support/pretended-gpus.js';
import { expectEveryWord, speak } from '../../support/speak.js';
import { startGateway } from '../../support/start-gateway.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** What a restart may find, and what an operator is told of it. */
const faults = [
  { what: 'the model is gone', reason: 'There is no model of this name.' },
  { what: 'the model is damaged', reason: 'The model file is damaged or is not a model.' },
  { what: 'the addon crashes when it is loaded', reason: 'it crashed (SIGSEGV)' },
  {
    what: 'there is too little memory to load it',
    reason: 'The inference worker ran out of memory',
  },
] as const;

/** A gateway whose worker finds that fault at its next start, until it is mended. */
async function start(what: (typeof faults)[number]['what'], pauseMs: number, factor = 2) {
  const folder = temporaryFolder();
  const path = join(folder, 'model.bin');
  symlinkSync(modelPath, path);
  const machine = pretendGpus({});
  const { events, hooks } = recordEvents();
  const pool = await startWorkerPool({
    addonPath: machine.addonPath,
    modelPath: path,
    threads: 0,
    cores: 2,
    breaker: { ...impatient, pause: { baseMs: pauseMs, factor, maxMs: 600_000 } },
    hooks,
  });
  const gateway = await startGateway({}, { engine: pool });
  const broken = {
    'the model is gone': () => rmSync(path),
    'the model is damaged': () => {
      rmSync(path);
      writeFileSync(path, 'This is no model.'.repeat(1_000));
    },
    'the addon crashes when it is loaded': () => machine.change({ dies: 'SIGSEGV' }),
    'there is too little memory to load it': () => machine.change({ roomBytes: 200_000_000 }),
  };
  return {
    gateway,
    events,
    breakDown() {
      broken[what]();
      process.kill(pool.workerPids[0] as number, 'SIGKILL');
    },
    mend() {
      machine.change({});
      rmSync(path, { force: true });
      symlinkSync(modelPath, path);
    },
  };
}

async function ready(gateway: Gateway) {
  const response = await fetch(`${gateway.url}/ready`);
  return { http: response.status, ...((await response.json()) as object) };
}

describe.each(faults)('where at a restart $what', ({ what, reason }) => {
  test('and that is mended, /ready has said so, and no word is lost', async () => {
    const { gateway, breakDown, mend } = await start(what, 400);
    const client = await speak(gateway, async () => {
      breakDown();
      await eventually(() => ready(gateway)).toMatchObject({
        http: 503,
        ready: false,
        status: 'degraded',
        code: 'engine_unavailable',
        reason: expect.stringContaining(reason),
      });
      mend();
    });
    await expectEveryWord(client);
    expect(await ready(gateway)).toMatchObject({ http: 200, ready: true });
  });
});

test('ten crashes in a row while it loads: it is left alone in between, and no word is lost', async () => {
  const { gateway, events, breakDown, mend } = await start(
    'the addon crashes when it is loaded',
    200,
    1,
  );
  const client = await speak(gateway, async () => {
    breakDown();
    const crashes = () => events.filter((event) => event === 'CPU: model_load_failed').length;
    await eventually(crashes).toBeGreaterThanOrEqual(10);
    expect(await ready(gateway)).toMatchObject({ http: 503, code: 'engine_unavailable' });
    mend();
  });
  await expectEveryWord(client);
  // The third failure opens the breaker, and so does each that follows.
  expect(events.filter((event) => event === 'CPU: left for 200 ms').length).toBeGreaterThan(7);
  expect(await ready(gateway)).toMatchObject({ http: 200, ready: true });
});

test('where that is not mended, the session hears the truth, in words and in its ledger', async () => {
  // Longer than a window waits.
  const { gateway, events, breakDown } = await start('the model is gone', 300_000);
  const client = await speak(gateway, async () => {
    breakDown();
    await eventually(() => events).toContain('CPU: left for 300000 ms');
  });
  const { ledger } = await client.next('transcription_stopped');
  expect(ledger.received_ms).toBe(11_000);
  expect(ledger.shed_ms).toBeGreaterThan(3_000);
  expect(new Set(ledger.shed.map(({ code }) => code))).toEqual(new Set(['engine_unavailable']));
  expect(client.all('warning')[0]).toMatchObject({
    code: 'audio_shed',
    message: expect.stringContaining('There is no model of this name.'),
  });
  const health = await (await fetch(`${gateway.url}/health`)).json();
  expect(health).toMatchObject({
    status: 'degraded',
    ready: false,
    notes: [
      expect.stringMatching(/^The worker on the CPU is down\. .* It is tried again in \d+ s\.$/),
    ],
  });
});
