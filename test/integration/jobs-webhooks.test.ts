import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Config } from '../../src/config/index.js';
import { ScriptedEngine, spoken } from '../../src/engine/index.js';
import { jfkMp3 } from '../support/jfk.js';
import { createJob, endedJob, getJob, postJobs, refusal } from '../support/jobs-client.js';
import { startGateway } from '../support/start-gateway.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const clip = { name: 'jfk.mp3', bytes: jfkMp3 };
const webhookSecret = 'a secret of ours';

interface Notice {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers with these statuses, one after the other, then with 200. */
async function startReceiver(...statuses: number[]) {
  const notices: Notice[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    notices.push({ headers: request.headers, body });
    response.writeHead(statuses[notices.length - 1] ?? 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, notices };
}

function start(config: Partial<Config> = {}) {
  const engine = new ScriptedEngine({ script: () => spoken([['word', 0, 300]]) });
  return startGateway({ webhookSecret, webhookRetryDelayMs: 10, ...config }, { engine });
}

const allowed = { webhookPrivateAddresses: 'allow' } as const;

async function settled(url: string, outcome: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const line = new RegExp(`^whisper_gateway_webhooks_total{outcome="${outcome}"} (\\d+)`, 'm');
  return Number(line.exec(metrics)?.[1] ?? 0);
}

test('a webhook that fails twice is told a third time, signed anew each time', async () => {
  const receiver = await startReceiver(500, 404);
  const { url } = await start(allowed);
  const { id } = await createJob(url, clip, { webhook_url: receiver.url });
  const job = await endedJob(url, id);
  await expect.poll(() => settled(url, 'delivered'), { timeout: 20_000 }).toBe(1);
  expect(receiver.notices).toHaveLength(3);
  const [first] = receiver.notices as [Notice];
  for (const { headers, body } of receiver.notices) {
    expect(body).toBe(first.body);
    expect(headers['webhook-id']).toBe(first.headers['webhook-id']);
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const signature = createHmac('sha256', webhookSecret).update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${signature}`);
    const ageMs = Date.now() - Number(headers['webhook-timestamp']) * 1_000;
    expect(ageMs).toBeLessThan(60_000);
  }
  expect(JSON.parse(first.body)).toMatchObject({ type: 'job.succeeded', data: job });
});

test('every way to end is told', async () => {
  const receiver = await startReceiver();
  const { url } = await start(allowed);
  const bad = { name: 'notes.txt', bytes: Buffer.from('no audio') };
  await createJob(url, bad, { webhook_url: receiver.url });
  await expect.poll(() => receiver.notices.length).toBe(1);
  expect(JSON.parse(receiver.notices[0]?.body as string)).toMatchObject({
    type: 'job.failed',
    data: { error: { code: 'not_audio' } },
  });
});

test('a webhook is given up after its last try, or at once where its receiver is gone', async () => {
  const receiver = await startReceiver(410, 500, 500);
  const { url } = await start({ ...allowed, webhookMaxTries: 2 });
  await createJob(url, clip, { webhook_url: receiver.url });
  await expect.poll(() => settled(url, 'given_up')).toBe(1);
  expect(receiver.notices).toHaveLength(1);
  await createJob(url, clip, { webhook_url: receiver.url });
  await expect.poll(() => settled(url, 'given_up'), { timeout: 20_000 }).toBe(2);
  expect(receiver.notices).toHaveLength(3);
});

test('a webhook that was not delivered yet is, after the next start', async () => {
  const receiver = await startReceiver(500);
  const dataDir = temporaryFolder();
  const first = await start({ ...allowed, dataDir, webhookRetryDelayMs: 1_000 });
  await createJob(first.url, clip, { webhook_url: receiver.url });
  await expect.poll(() => receiver.notices.length).toBe(1);
  await first.close();
  expect(receiver.notices).toHaveLength(1);
  const second = await start({ ...allowed, dataDir });
  await expect.poll(() => settled(second.url, 'delivered'), { timeout: 20_000 }).toBe(1);
  expect(receiver.notices[1]?.body).toBe(receiver.notices[0]?.body);
});

test('private addresses are refused by default: at once, and by a name when it is looked up', async () => {
  const receiver = await startReceiver();
  const { url } = await start();
  const refused = await postJobs(url, [clip], { webhook_url: receiver.url });
  expect(await refusal(refused)).toBe('400 webhook_refused');
  const named = receiver.url.replace('127.0.0.1', 'localhost');
  const { id } = await createJob(url, clip, { webhook_url: named });
  await endedJob(url, id);
  await expect.poll(() => settled(url, 'given_up')).toBe(1);
  expect(receiver.notices).toEqual([]);
  expect((await getJob(url, id)).state).toBe('succeeded');
});

test('without a key to sign them there are no webhooks', async () => {
  const { url } = await start({ webhookSecret: undefined });
  const answer = await postJobs(url, [clip], { webhook_url: 'https://example.com/' });
  expect(await refusal(answer)).toBe('400 webhook_refused');
});
