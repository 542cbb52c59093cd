import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { packageRoot } from '../../src/config/index.js';
import { jfkMp3, jfkText } from '../support/jfk.js';
import { ask, makeKey, makeToken, operatorKey, send } from '../support/keys.js';
import { StreamClient } from '../support/stream-client.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** A gateway as people run it, at its most talkative; `log` is all that it has said so far. */
async function startTalkative() {
  const child = spawn(process.execPath, [join(packageRoot, 'dist/main.js'), 'start'], {
    env: {
      ...{ PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' },
      ...{ PORT: '0', LOG_LEVEL: 'trace', API_KEY: operatorKey, DATA_DIR: temporaryFolder() },
    },
  });
  const gone = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await gone;
  });
  const said: string[] = [];
  const listens = new Promise<string>((resolve, reject) => {
    for (const output of [child.stdout, child.stderr]) {
      output.setEncoding('utf8').on('data', (text: string) => {
        said.push(text);
        const [, url] = /listens at (\S+)/.exec(said.join('')) ?? [];
        if (url) resolve(url);
      });
    }
    void gone.then(() => reject(new Error(said.join(''))));
  });
  const url = await listens;
  const end = async () => {
    child.kill('SIGTERM');
    await gone;
    return said.join('');
  };
  return { url, end };
}

/** Words that stand in no message of a program. */
const prompt = 'a conversation about quinquennial zeppelins';
const spokenText = 'The marmalade of Zanzibar is kept in the cellar.';
const fileName = 'divorce of Ms Featherstonehaugh.mp3';

test('keys and what is said stand in no log, however much it tells', async () => {
  const gateway = await startTalkative();
  const { id, key } = await makeKey(gateway, ['stream', 'transcribe', 'jobs', 'speech', 'watch']);
  const token = await makeToken(gateway, key, { scopes: ['stream', 'watch'], room: 'hall' });
  const upload = (path: string, as: string | null) => {
    const body = new FormData();
    body.set('file', new File([jfkMp3], fileName));
    body.set('model', 'whisper-1');
    body.set('prompt', prompt);
    return ask(gateway, path, as, { method: 'POST', body });
  };

  const captions = `/v1/rooms/hall/captions?token=${token}`;
  const viewer = new WebSocket(gateway.url.replace(/^http/, 'ws') + captions);
  const snapshot = once(viewer, 'message');
  const speaker = await StreamClient.connect(gateway.url, `/v1/stream?token=${token}`);
  const { resume_token } = await speaker.start({
    prompt,
    resumable: true,
    hotwords: ['zeppelins'],
  });
  await speaker.sendAudio(jfkMp3);
  await speaker.stop();
  expect(speaker.text).toContain('country');
  await snapshot;
  viewer.close();

  const file = await upload('/v1/audio/transcriptions', key);
  expect(((await file.json()) as { text: string }).text).toContain('country');
  const [job] = ((await (await upload('/v1/jobs', key)).json()) as { data: { id: string }[] }).data;
  const jobPath = `/v1/jobs/${job?.id}`;
  const state = async () =>
    ((await (await ask(gateway, jobPath, key)).json()) as { state: string }).state;
  await expect.poll(state, { timeout: 60_000 }).toBe('succeeded');
  expect(await (await ask(gateway, `${jobPath}/result?format=txt`, key)).text()).toContain(
    'country',
  );
  const input = { model: 'tts-1', voice: 'alloy', input: spokenText };
  const speech = await send(gateway, '/v1/audio/speech', key, input);
  expect([speech.status, (await speech.arrayBuffer()).byteLength > 1_000]).toEqual([200, true]);

  // What goes wrong is told more about than what goes well.
  const wrong = `wg_${id}_${'w'.repeat(43)}`;
  expect((await upload('/v1/jobs', wrong)).status).toBe(401);
  expect((await ask(gateway, `/nowhere?token=${key}`, null)).status).toBe(404);
  const broken = new FormData();
  broken.set('file', new File([spokenText.repeat(100)], fileName));
  broken.set('model', 'whisper-1');
  const refused = await ask(gateway, '/v1/audio/transcriptions', key, {
    method: 'POST',
    body: broken,
  });
  expect(refused.status).toBe(415);
  const bad = await StreamClient.connect(gateway.url, `/v1/stream?token=${key}`);
  bad.socket.send(`{"type": "start_transcription", "prompt": ["${prompt}"]}`);
  bad.socket.send(spokenText);
  await bad.close();

  const log = await gateway.end();
  // It did tell of all that.
  for (const told of ['session stopped', 'job ended', 'wrong key', 'key created', id, job?.id]) {
    expect(log).toContain(told);
  }
  const secrets = [
    operatorKey,
    key,
    key.slice(-43),
    token,
    token.split('.')[1],
    wrong,
    'w'.repeat(43),
  ];
  const words = [...jfkText.split(' ').filter((word) => word.length > 6), 'country', 'zeppelin'];
  const texts = [prompt, spokenText, 'Zanzibar', 'marmalade', 'Featherstonehaugh', ...words];
  for (const secret of [...secrets, resume_token, ...texts]) {
    expect(secret).toBeTruthy();
    expect(log.toLowerCase()).not.toContain(String(secret).toLowerCase());
  }
}, 180_000);
