import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { type GatewayProcess, startGatewayProcess } from '../chaos/gateway-process.js';
import { checkSession } from '../support/check-session.js';
import { jfkAs } from '../support/jfk.js';
import { childrenRunning, isRunning } from '../support/processes.js';
import { StreamClient } from '../support/stream-client.js';
import { errorOf, jfkUpload, postForm } from '../support/upload.js';

/** A gateway whose only worker stands still, so that nothing which is live can end. */
async function startHeld(env: Readonly<Record<string, string>>) {
  const gateway = await startGatewayProcess(env);
  const children = childrenRunning('', gateway.pid);
  const [worker] = childrenRunning('worker-main', gateway.pid) as [number];
  const hold = () => process.kill(worker, 'SIGSTOP');
  const release = () => isRunning(worker) && process.kill(worker, 'SIGCONT');
  // One that stands still cannot notice that its parent is gone.
  onTestFinished(() => void release());
  return { gateway, children, worker, hold, release };
}

/** Somebody in the middle of a sentence. */
async function speak({ url }: GatewayProcess) {
  const client = await StreamClient.connect(url);
  await client.start({ language: 'en', audio: { format: 'pcm_s16le' }, room: 'hall' });
  const pcm = await jfkAs();
  await client.sendAudio(pcm.subarray(0, pcm.length / 2));
  await client.next('speech_started');
  return client;
}

const ready = async ({ url }: GatewayProcess) => {
  const answer = await fetch(`${url}/ready`);
  return { http: answer.status, ...((await answer.json()) as object) };
};
const draining = { http: 503, status: 'draining', code: 'server_draining' };

describe('SIGTERM', () => {
  test('lets live clients hear all they said, tells them to go on elsewhere, and takes nobody new', async () => {
    const { gateway, children, hold, release } = await startHeld({ SHUTDOWN_TIMEOUT_MS: '60000' });
    const client = await speak(gateway);
    const idle = await StreamClient.connect(gateway.url);
    // Those who never answer to a close, or never leave by themselves, hold nothing up.
    const rude = await StreamClient.connect(gateway.url);
    await rude.start({ audio: { format: 'pcm_s16le' } });
    rude.socket.pause();
    const viewer = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/rooms/hall/captions`);
    onTestFinished(() => viewer.terminate());
    await once(viewer, 'message');
    viewer.pause();
    const captions = await fetch(`${gateway.url}/v1/rooms/hall/captions`);
    const jobs = await fetch(`${gateway.url}/v1/jobs/events`);
    hold();
    gateway.signal('SIGTERM');

    await expect.poll(() => ready(gateway)).toMatchObject(draining);
    const refused = await StreamClient.connect(gateway.url);
    await refused.close();
    expect(refused.closed).toEqual({ code: 1001, reason: 'server_draining' });
    expect((await refused.next('transcription_failed')).retryable).toBe(true);
    const file = await postForm(gateway, [jfkUpload, ['model', 'whisper-1']]);
    expect([file.status, errorOf({ body: await file.text() }).code]).toEqual([
      503,
      'server_draining',
    ]);
    expect(client.closed).toBeUndefined();
    release();

    await Promise.all([client.close(), idle.close()]);
    expect(client.closed).toEqual({ code: 1001, reason: 'server_draining' });
    expect(idle.closed).toEqual({ code: 1001, reason: 'server_draining' });
    checkSession(client);
    const { reason, ledger } = await client.next('transcription_stopped');
    expect([reason, ledger.received_ms, ledger.shed]).toEqual(['server_draining', 5_500, []]);
    expect(client.text).toMatch(/fellow Americans/);
    expect(await gateway.gone).toBe(0);
    await Promise.allSettled([captions.text(), jobs.text()]);
    expect(children.filter(isRunning)).toEqual([]);
  });

  test('sheds what is not finished in time, says so, and exits with 0 all the same', async () => {
    const { gateway, children, hold } = await startHeld({ SHUTDOWN_TIMEOUT_MS: '500' });
    const client = await speak(gateway);
    hold();
    gateway.signal('SIGTERM');
    await client.close();
    expect(client.closed).toEqual({ code: 1001, reason: 'server_draining' });
    checkSession(client);
    const { code, retryable, ledger } = await client.next('transcription_failed');
    expect([code, retryable, ledger?.received_ms]).toEqual(['server_draining', true, 5_500]);
    expect(ledger?.shed_ms).toBeGreaterThan(1_000);
    expect(new Set(ledger?.shed.map((span) => span.code))).toEqual(new Set(['server_draining']));
    expect(await gateway.gone).toBe(0);
    expect(children.filter(isRunning)).toEqual([]);
  });
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  'a second %s ends it at once, and its children with it',
  async (name) => {
    const { gateway, children, hold, release } = await startHeld({ SHUTDOWN_TIMEOUT_MS: '600000' });
    const client = await speak(gateway);
    hold();
    gateway.signal(name);
    await expect.poll(() => ready(gateway)).toMatchObject(draining);
    // Two that come together are one, as npm passes on a Ctrl-C that has come already.
    gateway.signal(name);
    const again = setInterval(() => gateway.signal(name), 100);
    expect(await gateway.gone).toBe(name);
    clearInterval(again);
    await client.close();
    expect(client.closed?.code).toBe(1006);
    release();
    await expect.poll(() => children.filter(isRunning), { timeout: 20_000 }).toEqual([]);
  },
);
