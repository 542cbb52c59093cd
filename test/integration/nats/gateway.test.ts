import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ScriptedEngine, spokenThrough } from '../../../src/engine/index.js';
import { checkSession } from '../../support/check-session.js';
import { decodeFile } from '../../support/decode.js';
import { newestFfmpeg } from '../../support/decoder-fixtures.js';
import { jfkAs, jfkPath, jfkText } from '../../support/jfk.js';
import { serveEngine } from '../../support/nats-hosts.js';
import { childrenRunning } from '../../support/processes.js';
import { readMetrics } from '../../support/read-metrics.js';
import { runCli } from '../../support/run-cli.js';
import { readManifest, sharedAudio } from '../../support/shared-audio.js';
import { expectEveryWord, speak } from '../../support/speak.js';
import { startGateway } from '../../support/start-gateway.js';
import { natsServer, startNats } from '../../support/start-nats.js';
import { startWorker } from '../../support/start-worker.js';
import { StreamClient } from '../../support/stream-client.js';
import { countErrors } from '../../support/word-error-rate.js';

const readiness = (url: string) => async () => (await fetch(`${url}/ready`)).status;
const slow = { timeout: 60_000 };

describe.skipIf(!natsServer)('a gateway whose windows are computed by hosts', () => {
  test('transcribes, lists their models and tells of them; it computes nothing itself', async () => {
    const nats = await startNats();
    await startWorker(nats.url);
    const gateway = await startGateway({ engine: 'nats', natsUrl: nats.url });
    const client = await speak(gateway, () => {});
    await expectEveryWord(client);
    expect(childrenRunning('worker-main')).toEqual([]);

    const health = await readJson(`${gateway.url}/health`);
    expect(health).toMatchObject({
      status: 'ok',
      ready: true,
      hosts: 1,
      backend: 'cpu',
      notes: [],
    });
    const models = await readJson(`${gateway.url}/v1/models`);
    expect(models.data).toContainEqual(expect.objectContaining({ id: 'base-q8_0', loaded: true }));
    const stats = await readJson(`${gateway.url}/v1/stats`);
    expect(stats.hosts).toEqual([
      expect.objectContaining({ state: 'serving', backend: 'cpu', slots: health.slots }),
    ]);
    const metrics = await readMetrics(gateway.url);
    expect(metrics.get('whisper_gateway_hosts{state="serving"}')).toBe(1);
    expect(metrics.get('whisper_gateway_host_delay_seconds_count')).toBeGreaterThan(0);

    const form = new FormData();
    form.set('file', new Blob([readFileSync(jfkPath)]), 'jfk.mp3');
    form.set('model', 'base-q8_0');
    const url = `${gateway.url}/v1/audio/transcriptions`;
    const { text } = await readJson(url, { method: 'POST', body: form });
    expect(countErrors(jfkText, text).edits).toBeLessThanOrEqual(1);
  });

  test('loses no word when the host that works for it is killed', async () => {
    const nats = await startNats();
    const workers = [await startWorker(nats.url), await startWorker(nats.url)];
    const gateway = await startGateway({ engine: 'nats', natsUrl: nats.url });
    const client = await speak(gateway, async () => {
      workers[0]?.signal('SIGKILL');
      await workers[0]?.gone;
    });
    await expectEveryWord(client);
    expect(client.all('transcription_failed')).toEqual([]);
  });

  test('stays up while there are none: it is not ready, sessions wait, and lose nothing', async () => {
    const nats = await startNats();
    const gateway = await startGateway({ engine: 'nats', natsUrl: nats.url });
    expect(await readiness(gateway.url)()).toBe(503);
    const client = await StreamClient.connect(gateway.url);
    await client.start({ language: 'en', audio: { format: 'pcm_s16le' } });
    await client.sendAudio(await jfkAs(), 3_200, 128_000);
    await startWorker(nats.url);
    await expect.poll(readiness(gateway.url), slow).toBe(200);
    await client.stop();
    checkSession(client);
    await expectEveryWord(client);
  });

  test('loses no word and no session when NATS is killed and started again', {
    timeout: 240_000,
  }, async () => {
    const nats = await startNats();
    await startWorker(nats.url);
    const gateway = await startGateway({ engine: 'nats', natsUrl: nats.url });
    const spoken = await realSpeech();
    const client = await StreamClient.connect(gateway.url);
    await client.start({ language: 'en', audio: { format: 'pcm_s16le' } });
    let kills = 0;
    for (const { pcm } of spoken) {
      const said = client.all('partial').length + client.all('final').length;
      const half = (pcm.length >> 2) << 1;
      await client.sendAudio(pcm.subarray(0, half), 3_200, 64_000);
      await client.until(() => client.all('partial').length + client.all('final').length > said);
      await nats.kill();
      kills++;
      // What is said meanwhile waits.
      await client.sendAudio(pcm.subarray(half), 3_200, 64_000);
      await nats.restart();
      await expect.poll(readiness(gateway.url), slow).toBe(200);
    }
    await client.stop();
    checkSession(client);
    expect(kills).toBe(spoken.length);
    const { ledger, reason } = await client.next('transcription_stopped');
    expect([reason, ledger.shed]).toEqual(['client_stopped', []]);
    const text = spoken.map((each) => each.text).join(' ');
    // What the model hears is not all that was said; what is lost are whole utterances.
    const { edits, words } = countErrors(text, client.text);
    expect(edits / words, client.text).toBeLessThan(0.2);
  });

  test('shares the hosts with another gateway', async () => {
    const nats = await startNats();
    const engines = [scripted('one'), scripted('two')];
    for (const engine of engines) await serveEngine(nats.url, 'shared', engine);
    const options = {
      engine: 'nats',
      natsUrl: nats.url,
      natsPrefix: 'shared',
      model: 'scripted',
    } as const;
    const gateways = [await startGateway(options), await startGateway(options)];
    const clients = await Promise.all(
      gateways.map(async (gateway) => {
        const client = await StreamClient.connect(gateway.url);
        await client.start({ language: 'en', audio: { format: 'pcm_s16le' } });
        await client.sendAudio(await jfkAs());
        await client.stop();
        checkSession(client);
        return client;
      }),
    );
    for (const client of clients) expect(client.all('final').length).toBeGreaterThan(0);
    for (const engine of engines) {
      expect(engine.windows.length).toBeGreaterThan(0);
      expect(engine.mostActive).toBe(1);
    }
  });
});

test('without an address of NATS neither a gateway with hosts nor a worker starts, and says why', async () => {
  const [gateway, worker] = await Promise.all([
    runCli(['start'], { ENGINE: 'nats', PORT: '0' }),
    runCli(['worker']),
  ]);
  expect([gateway.code, worker.code]).toEqual([2, 2]);
  for (const { stderr } of [gateway, worker]) expect(stderr).toContain('NATS_URL');
});

async function readJson(url: string, request: RequestInit = {}) {
  // biome-ignore lint/suspicious/noExplicitAny: what comes is looked at field by field.
  return (await (await fetch(url, request)).json()) as any;
}

function scripted(word: string): ScriptedEngine {
  const engine = new ScriptedEngine({
    script: (window) => spokenThrough(window, word),
    latencyMs: 20,
  });
  onTestFinished(() => engine.close());
  return engine;
}

/** Three recordings of people, or one where there are no others. */
async function realSpeech(): Promise<{ pcm: Buffer; text: string }[]> {
  const others = readManifest().filter(
    ({ kind, text, lang, seconds }) =>
      kind === 'clean' && text && lang === 'en' && seconds > 6 && seconds < 16,
  );
  if (!sharedAudio || others.length === 0) return [{ pcm: await jfkAs(), text: jfkText }];
  return others.slice(0, 3).map(({ file, text }) => ({
    pcm: Buffer.concat([bytesOf(join(sharedAudio as string, file)), Buffer.alloc(32_000)]),
    text: text as string,
  }));
}

function bytesOf(path: string): Uint8Array {
  const { buffer, byteLength } = decodeFile(newestFfmpeg.path, path);
  return new Uint8Array(buffer, 0, byteLength);
}
