import { setTimeout as pause } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type AudioWindow,
  type Hypothesis,
  ScriptedEngine,
  spokenThrough,
} from '../../../src/engine/index.js';
import { GatewayError } from '../../../src/errors/index.js';
import { NatsEngine } from '../../../src/hosts/index.js';
import { decodeAnswer } from '../../../src/hosts/messages.js';
import { connectNats } from '../../../src/nats/index.js';
import { createScheduler, retryPolicies } from '../../../src/scheduler/index.js';
import { audioWindow } from '../../support/audio-window.js';
import { startCuttingProxy } from '../../support/cutting-proxy.js';
import { jfkSamples } from '../../support/jfk-samples.js';
import { hearHosts, natsEngine, serveEngine } from '../../support/nats-hosts.js';
import { schedulerOptions } from '../../support/scheduler-options.js';
import { natsServer, startNats } from '../../support/start-nats.js';
import { startWorker } from '../../support/start-worker.js';

const never = new AbortController().signal;
const prefix = 'test';
const model = 'base-q8_0';
/** Takes a host some seconds. */
const long = audioWindow({ lane: 'batch', pcm: jfkSamples, options: { beamSize: 8 } });
const retry = retryPolicies({ maxRetries: 3, retryDelayMs: 100 });
const settings = { NATS_PREFIX: prefix, ASR_SLOTS: '1' };

function heldEngine(slots = 1) {
  const engine = new ScriptedEngine({
    slots,
    held: true,
    script: (window) => spokenThrough(window, 'heard'),
  });
  onTestFinished(() => engine.close());
  return engine;
}

/** The host on which a window runs, as its gateway knows it. */
async function busyHost(hosts: Awaited<ReturnType<typeof hearHosts>>) {
  const pidOf = () =>
    Number(hosts.all.find(({ report }) => report.running > 0)?.report.name.split(':')[1] ?? 0);
  await expect.poll(pidOf, { timeout: 60_000 }).not.toBe(0);
  return pidOf();
}

/** An engine that takes a while to give something up, as those do that compute: until `end` is called. */
class SlowToEnd extends ScriptedEngine {
  end = () => {};
  readonly #ended = new Promise<void>((resolve) => {
    this.end = resolve;
  });

  override async transcribe(window: AudioWindow, signal: AbortSignal): Promise<Hypothesis> {
    try {
      return await super.transcribe(window, signal);
    } catch (error) {
      await this.#ended;
      throw error;
    }
  }
}

/** Resolves when a connection that was lost is being opened again. */
async function isDialling(connection: NatsConnection): Promise<void> {
  for await (const { type } of connection.status()) if (type === 'reconnecting') return;
}

/** What hosts answer from now on, whomever. */
async function hearAnswers(url: string) {
  const connection = await connectNats({ url, name: 'listener' });
  onTestFinished(() => connection.close());
  const kinds: string[] = [];
  connection.subscribe('_INBOX.>', {
    callback: (_, { data }) => void kinds.push(decodeAnswer(data).kind),
  });
  await connection.flush();
  return { kinds, flush: () => connection.flush() };
}

describe.skipIf(!natsServer)('an inference host', () => {
  test('that is killed in the middle of a window: another one answers it', async () => {
    const nats = await startNats();
    for (const _ of [1, 2]) await startWorker(nats.url, settings);
    const hosts = await hearHosts(nats.url, prefix);
    await expect.poll(() => hosts.all.length, { timeout: 30_000 }).toBe(2);
    const engine = new NatsEngine(model, hosts);
    const retries: string[] = [];
    const scheduler = createScheduler({
      ...schedulerOptions,
      retry,
      engine,
      hooks: { onRetry: ({ code }) => void retries.push(code) },
    });
    const heard = scheduler.submit({ window: long });
    process.kill(await busyHost(hosts), 'SIGKILL');
    const { segments } = await heard;
    expect(segments.map(({ text }) => text).join()).toContain('ask not what your country');
    expect(retries).toEqual(['engine_died']);
    expect(hosts.lost).toBe(1);
    await expect.poll(() => engine.slots).toBe(1);
    await scheduler.close();
  });

  test('that stands still: what it had goes elsewhere, and what it says later is nobody’s', async () => {
    const nats = await startNats();
    for (const _ of [1, 2]) await startWorker(nats.url, settings);
    const hosts = await hearHosts(nats.url, prefix);
    await expect.poll(() => hosts.all.length, { timeout: 30_000 }).toBe(2);
    const engine = new NatsEngine(model, hosts);
    const scheduler = createScheduler({ ...schedulerOptions, retry, engine });
    const heard = scheduler.submit({ window: long });
    const frozen = await busyHost(hosts);
    process.kill(frozen, 'SIGSTOP');
    try {
      expect((await heard).segments.length).toBeGreaterThan(0);
      // One that was never heard of again is not asked.
      expect(hosts.all.map(({ report }) => report.name.split(':')[1])).not.toContain(`${frozen}`);
    } finally {
      process.kill(frozen, 'SIGCONT');
    }
    await expect.poll(() => engine.slots, { timeout: 30_000 }).toBe(2);
    expect((await scheduler.submit({ window: long })).segments.length).toBeGreaterThan(0);
    await scheduler.close();
  });

  test('that is told to stop takes nothing new, finishes its window, and ends with 0', async () => {
    const nats = await startNats();
    const worker = await startWorker(nats.url, settings);
    const hosts = await hearHosts(nats.url, prefix);
    await hosts.hear(model, 30_000);
    const engine = new NatsEngine(model, hosts);
    const heard = engine.transcribe(long, never);
    await busyHost(hosts);
    worker.signal('SIGTERM');
    await expect.poll(() => engine.ready, { timeout: 30_000 }).toBe(false);
    expect((await heard).segments.length).toBeGreaterThan(0);
    expect(await worker.gone).toBe(0);
    expect([hosts.all.length, hosts.lost]).toEqual([0, 0]);
  });

  test('that is told so twice ends at once', async () => {
    const nats = await startNats();
    const worker = await startWorker(nats.url, settings);
    const hosts = await hearHosts(nats.url, prefix);
    await hosts.hear(model, 30_000);
    const heard = new NatsEngine(model, hosts).transcribe(long, never).catch((error) => error);
    await busyHost(hosts);
    worker.signal('SIGTERM');
    const again = setInterval(() => worker.signal('SIGTERM'), 700);
    onTestFinished(() => clearInterval(again));
    // Unless its window was over before.
    expect([0, 'SIGTERM']).toContain(await worker.gone);
    await heard;
  });
});

describe.skipIf(!natsServer)('windows over NATS', () => {
  test('of one gateway are spread over the hosts by their slots', async () => {
    const nats = await startNats();
    const [small, large] = [heldEngine(1), heldEngine(3)];
    for (const engine of [small, large]) await serveEngine(nats.url, prefix, engine);
    const hosts = await hearHosts(nats.url, prefix);
    await expect.poll(() => hosts.all.length).toBe(2);
    const engine = new NatsEngine('scripted', hosts);
    expect(engine.slots).toBe(4);
    const all = Array.from({ length: 4 }, () => engine.transcribe(audioWindow(), never));
    await expect.poll(() => [small.active, large.active]).toEqual([1, 3]);
    for (const host of [small, large]) host.release();
    await Promise.all(all);
    expect([small.mostActive, large.mostActive]).toEqual([1, 3]);
  });

  test('of two gateways share a host, and a final of the second goes before a file of the first', async () => {
    const nats = await startNats();
    const scripted = heldEngine(1);
    const { host } = await serveEngine(nats.url, prefix, scripted);
    const first = await natsEngine(nats.url, prefix, 'scripted');
    const [second, third] = [
      await natsEngine(nats.url, prefix, 'scripted'),
      await natsEngine(nats.url, prefix, 'scripted'),
    ];
    const running = first.transcribe(audioWindow({ lane: 'batch', sessionId: 'one' }), never);
    await scripted.arrived(1);
    const file = second.transcribe(audioWindow({ lane: 'batch', sessionId: 'two' }), never);
    await expect.poll(() => host.report.waiting).toBe(1);
    const final = third.transcribe(audioWindow({ sessionId: 'three' }), never);
    await expect.poll(() => host.report.waiting).toBe(2);
    scripted.release();
    await Promise.all([running, file, final]);
    expect(scripted.windows.map(({ sessionId }) => sessionId)).toEqual(['one', 'three', 'two']);
  });

  test('that a full host refuses wait until it has room', async () => {
    const nats = await startNats();
    const scripted = heldEngine(1);
    const { host } = await serveEngine(nats.url, prefix, scripted);
    const windows: Promise<unknown>[] = [];
    // One that runs, four that wait, and one too many.
    for (let gateway = 0; gateway < 6; gateway++) {
      const engine = await natsEngine(nats.url, prefix, 'scripted');
      windows.push(engine.transcribe(audioWindow({ sessionId: `${gateway}` }), never));
    }
    await expect.poll(() => host.report.waiting).toBe(4);
    scripted.release();
    await Promise.all(windows);
    expect(scripted.windows).toHaveLength(6);
  });

  test('that nobody waits for any more are ended by their host', async () => {
    const nats = await startNats();
    const scripted = heldEngine(1);
    await serveEngine(nats.url, prefix, scripted);
    const engine = await natsEngine(nats.url, prefix, 'scripted');
    const abort = new AbortController();
    const left = engine
      .transcribe(audioWindow(), abort.signal)
      .catch((error: GatewayError) => error.code);
    await scripted.arrived(1);
    abort.abort();
    expect(await left).toBe('cancelled');
    expect(scripted.active).toBe(0);
    const closed = engine
      .transcribe(audioWindow(), never)
      .catch((error: GatewayError) => error.code);
    await scripted.arrived(2);
    await engine.close();
    expect(await closed).toBe('engine_unavailable');
    await expect.poll(() => scripted.active).toBe(0);
  });

  test('wait for a host where there is none, and are the first that it gets', async () => {
    const nats = await startNats();
    const hosts = await hearHosts(nats.url, prefix);
    const engine = new NatsEngine('scripted', hosts);
    expect([engine.ready, engine.slots]).toEqual([false, 1]);
    expect(engine.notes.join()).toContain('No inference host is there');
    const heard = engine.transcribe(audioWindow(), never);
    await pause(100);
    const scripted = new ScriptedEngine({ script: (window) => spokenThrough(window, 'at last') });
    await serveEngine(nats.url, prefix, scripted);
    expect((await heard).segments[0]?.text).toContain('at last');
    expect([engine.ready, engine.notes]).toEqual([true, []]);
  });

  test('that a NATS server does not let through are refused with a reason', async () => {
    const nats = await startNats({ maxPayload: 65_536 });
    const scripted = new ScriptedEngine({ script: (window) => spokenThrough(window, 'short') });
    await serveEngine(nats.url, prefix, scripted);
    const engine = await natsEngine(nats.url, prefix, 'scripted');
    await expect(engine.transcribe(long, never)).rejects.toMatchObject({
      code: 'window_too_large',
    });
    expect((await engine.transcribe(audioWindow(), never)).segments[0]?.text).toContain('short');
  });

  test('whose host alone loses NATS for a moment are computed again, and not taken for given up', async () => {
    const nats = await startNats();
    const way = await startCuttingProxy(nats.url);
    const scripted = new SlowToEnd({
      held: true,
      script: (window) => spokenThrough(window, 'heard'),
    });
    onTestFinished(() => scripted.close());
    const served = await serveEngine(`nats://${new URL(way.url).host}`, prefix, scripted);
    const engine = await natsEngine(nats.url, prefix, 'scripted');
    const answers = await hearAnswers(nats.url);
    const retries: string[] = [];
    const onRetry = ({ code }: { code: string }) => void retries.push(code);
    const scheduler = createScheduler({ ...schedulerOptions, retry, engine, hooks: { onRetry } });
    const heard = scheduler.submit({ window: audioWindow() });
    await scripted.arrived(1);
    await expect.poll(() => answers.kinds).toEqual(['taken']);
    // It is given up after the old connection and before the new one, which takes what was said meanwhile along.
    nats.freeze();
    const dialled = isDialling(served.connection);
    way.cut();
    await dialled;
    scripted.end();
    await expect.poll(() => served.host.report.taken).toEqual({});
    nats.thaw();
    await Promise.race([scripted.arrived(2), heard]);
    scripted.release();
    expect((await heard).segments[0]?.text).toContain('heard');
    expect(new Set(retries)).toEqual(new Set(['engine_died']));
    // What it was asked before it says nothing to: that would come before the report of the new connection.
    await answers.flush();
    expect(new Set(answers.kinds)).toEqual(new Set(['taken', 'done']));
    await scheduler.close();
  });

  test('that a host gives up unasked are tried again', async () => {
    const nats = await startNats();
    const scripted = new ScriptedEngine({
      script: (window, index) =>
        index === 0 ? new GatewayError('cancelled') : spokenThrough(window, 'after all'),
    });
    onTestFinished(() => scripted.close());
    await serveEngine(nats.url, prefix, scripted);
    const engine = await natsEngine(nats.url, prefix, 'scripted');
    const scheduler = createScheduler({ ...schedulerOptions, retry, engine });
    const { segments } = await scheduler.submit({ window: audioWindow() });
    expect(segments[0]?.text).toContain('after all');
    await scheduler.close();
  });

  test('that run while the server is lost are computed again when it is back', async () => {
    const nats = await startNats();
    const scripted = heldEngine(1);
    await serveEngine(nats.url, prefix, scripted);
    const engine = await natsEngine(nats.url, prefix, 'scripted');
    const scheduler = createScheduler({ ...schedulerOptions, retry, engine });
    const heard = scheduler.submit({ window: audioWindow() });
    await scripted.arrived(1);
    await nats.kill();
    await expect
      .poll(() => [scripted.active, engine.ready], { timeout: 30_000 })
      .toEqual([0, false]);
    await nats.restart();
    scripted.release();
    expect((await heard).segments[0]?.text).toContain('heard');
    expect(scripted.windows).toHaveLength(2);
    await scheduler.close();
  });
});
