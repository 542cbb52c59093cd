import { describe, expect, test } from 'vitest';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import type { Gateway } from '../../src/gateway/index.js';
import { checkSession } from '../support/check-session.js';
import { jfkAs } from '../support/jfk.js';
import { expectEveryWord } from '../support/speak.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';
import { errorOf, jfkUpload, postForm } from '../support/upload.js';

function start(config: Parameters<typeof startGateway>[0] = {}): Promise<Gateway> {
  const engine = new ScriptedEngine({ script: (window) => spokenThrough(window, 'hello') });
  return startGateway(config, { engine });
}

async function drain({ url }: Gateway, method: 'POST' | 'DELETE' = 'POST') {
  const answer = await fetch(`${url}/v1/admin/drain`, { method });
  return [answer.status, await answer.json()];
}

async function ready({ url }: Gateway): Promise<[number, unknown]> {
  const answer = await fetch(`${url}/ready`);
  return [answer.status, await answer.json()];
}

describe('/v1/admin/drain', () => {
  test('lets a session that is in the middle of a sentence say all of it', async () => {
    const gateway = await startGateway();
    const pcm = await jfkAs();
    const half = pcm.length / 2;
    const client = await StreamClient.connect(gateway.url);
    await client.start({ language: 'en', audio: { format: 'pcm_s16le' } });
    await client.sendAudio(pcm.subarray(0, half));
    await client.next('speech_started');
    expect(await drain(gateway)).toEqual([200, { draining: true, sessions: 1, transcriptions: 0 }]);
    const refused = await StreamClient.connect(gateway.url);
    await refused.close();
    expect(refused.closed?.code).toBe(1001);
    expect(await refused.next('transcription_failed')).toMatchObject({
      code: 'server_draining',
      retryable: true,
    });
    await client.sendAudio(pcm.subarray(half));
    await client.stop();
    checkSession(client);
    await expectEveryWord(client);
    expect((await client.next('transcription_stopped')).reason).toBe('client_stopped');
    await expect.poll(() => gateway.health().sessions).toBe(0);
    expect(gateway.health().status).toBe('draining');
  });

  test('refuses sessions, files and jobs, says so in /ready, and takes them again', async () => {
    const gateway = await start();
    expect((await ready(gateway))[0]).toBe(200);
    const drained = { draining: true, sessions: 0, transcriptions: 0 };
    // Twice is as good as once.
    expect(await drain(gateway)).toEqual([200, drained]);
    expect(await drain(gateway)).toEqual([200, drained]);
    expect(await ready(gateway)).toMatchObject([
      503,
      { ready: false, status: 'draining', code: 'server_draining' },
    ]);
    for (const path of ['/v1/audio/transcriptions', '/v1/jobs'] as const) {
      const answer = await postForm(gateway, [jfkUpload], { path });
      const { code } = errorOf({ body: await answer.text() });
      expect([path, answer.status, code]).toEqual([path, 503, 'server_draining']);
      expect(Number(answer.headers.get('retry-after')), path).toBeGreaterThan(0);
    }
    expect(await drain(gateway, 'DELETE')).toEqual([200, { ...drained, draining: false }]);
    expect((await ready(gateway))[0]).toBe(200);
    const client = await StreamClient.connect(gateway.url);
    await client.start({ audio: { format: 'pcm_s16le' } });
    await client.stop();
    expect((await postForm(gateway, [jfkUpload, ['model', 'whisper-1']])).status).toBe(200);
    expect((await postForm(gateway, [jfkUpload], { path: '/v1/jobs' })).status).toBe(201);
  });

  test('lets a client that was cut off come back to its session', async () => {
    const gateway = await start();
    const client = await StreamClient.connect(gateway.url);
    const { session_id, resume_token } = await client.start({
      audio: { format: 'pcm_s16le' },
      resumable: true,
    });
    await client.sendAudio(await jfkAs());
    await client.until(() => client.all('final').length > 0);
    await drain(gateway);
    client.socket.terminate();
    const back = await StreamClient.connect(gateway.url);
    await back.start({ resume: { session_id, resume_token, last_seq: 2 } });
    await back.stop();
    const { reason, ledger } = await back.next('transcription_stopped');
    expect([reason, ledger.shed]).toEqual(['client_stopped', []]);
  });

  test('needs the key, where there is one', async () => {
    const gateway = await start({ apiKey: 'open-sesame' });
    expect((await drain(gateway))[0]).toBe(401);
    expect(gateway.health().status).toBe('ok');
  });
});
