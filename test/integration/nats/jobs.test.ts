import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JobView } from '../../../src/jobs/index.js';
import {
  createJob,
  createJobs,
  endedJob,
  eventsOf,
  getJob,
  jobIn,
  type NamedFile,
  postJobs,
  refusal,
  resultOf,
} from '../../support/jobs-client.js';
import { type KillableGateway, startKillable } from '../../support/killable-gateway.js';
import { recording } from '../../support/recording.js';
import { natsServer, type StartedNats, startNats } from '../../support/start-nats.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** The shortest windows that a recording is packed into: the more there are, the more can be lost. */
const settings = ['MAX_WINDOW_MS=8000', 'JOBS_LEASE_MS=3000'];
const asked = { language: 'en' };

/** A gateway with what it has decoded. */
interface SharingGateway extends KillableGateway {
  readonly dataDir: string;
}

async function start(
  { url }: Pick<StartedNats, 'url'>,
  kind: 'scripted' | 'native' = 'scripted',
  ...more: string[]
): Promise<SharingGateway> {
  const dataDir = temporaryFolder();
  const gateway = await startKillable(dataDir, kind, `NATS_URL=${url}`, ...settings, ...more);
  return { ...gateway, dataDir };
}

/** Windows that a gateway has decoded. */
function decodedBy({ dataDir }: SharingGateway): { job: string; window: string }[] {
  const log = join(dataDir, 'windows.log');
  if (!existsSync(log)) return [];
  return readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** The text of a recording when nothing is killed. */
async function undisturbed(file: NamedFile, kind: 'scripted' | 'native'): Promise<string> {
  const gateway = await startKillable(temporaryFolder(), kind, ...settings);
  const { id } = await createJob(gateway.url, file, asked);
  expect((await endedJob(gateway.url, id)).state).toBe('succeeded');
  const text = await resultOf(gateway.url, id, 'json');
  await gateway.kill();
  return text;
}

function post(url: string, id: string, action: 'cancel' | 'retry'): Promise<Response> {
  return fetch(`${url}/v1/jobs/${id}/${action}`, { method: 'POST' });
}

/** When so much of a job is done, whoever does it. */
async function doneUntil(url: string, id: string, seconds: number): Promise<JobView> {
  await expect
    .poll(async () => (await getJob(url, id)).progress.done_seconds, { timeout: 60_000 })
    .toBeGreaterThan(seconds);
  return await getJob(url, id);
}

/** The gateway that works on a job: its record says so. */
async function runnerOf(
  { url }: StartedNats,
  gateways: readonly SharingGateway[],
  id: string,
): Promise<SharingGateway> {
  const connection = await connect({ servers: url });
  const records = await new Kvm(connection).open('whisper_gateway_jobs');
  const { runner } = (await records.get(id))?.json<{ runner: string }>() ?? {};
  await connection.close();
  const runs = ({ dataDir }: SharingGateway) =>
    readdirSync(join(dataDir, 'shared-uploads')).includes(runner as string);
  return gateways.find(runs) as SharingGateway;
}

describe.skipIf(!natsServer)('jobs of several gateways', () => {
  test('what is uploaded at one is watched, heard and read at the other', async () => {
    const nats = await startNats();
    const [one, other] = [await start(nats), await start(nats)] as const;
    const file = recording(2, 0);
    const told: unknown[] = [];
    void (async () => {
      for await (const { event } of eventsOf(`${other.url}/v1/jobs/events`)) told.push(event);
    })().catch(() => {});
    const { id } = await createJob(one.url, file, { ...asked, reference: 'mine' });
    // What was answered here is known there.
    expect((await getJob(other.url, id)).reference).toBe('mine');
    const seen: JobView[] = [];
    for await (const { data } of eventsOf(`${other.url}/v1/jobs/${id}/events`)) {
      seen.push(data as JobView);
    }
    expect(seen.at(-1)).toMatchObject({ id, state: 'succeeded', starts: 1 });
    expect(seen.length).toBeGreaterThan(3);
    expect(new Set(told)).toEqual(new Set(['job', 'queue']));
    expect(await resultOf(other.url, id, 'json')).toBe(await resultOf(one.url, id, 'json'));
    expect(await resultOf(other.url, id)).toContain('begin-');

    const whole = await fetch(`${other.url}/v1/jobs/${id}/audio`);
    expect(Buffer.from(await whole.arrayBuffer()).equals(Buffer.from(file.bytes))).toBe(true);
    const headers = { range: 'bytes=100-299' };
    const part = await fetch(`${other.url}/v1/jobs/${id}/audio`, { headers });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(Buffer.from(file.bytes.slice(100, 300)));
    const list = await fetch(`${other.url}/v1/jobs?reference=mine`);
    expect((await list.json()) as object).toMatchObject({ data: [{ id }] });
  });

  test('whoever has room works on the next one, and each is done once', async () => {
    const nats = await startNats();
    const narrow = ['JOBS_CONCURRENCY=1', 'SCRIPTED_LATENCY_MS=150'];
    const gateways = [
      await start(nats, 'scripted', ...narrow),
      await start(nats, 'scripted', ...narrow),
    ] as const;
    const files = Array.from({ length: 6 }, (_, index) => recording(2, index));
    const jobs = await createJobs(gateways[0].url, files, asked);
    for (const { id } of jobs) {
      expect(await endedJob(gateways[1].url, id)).toMatchObject({ state: 'succeeded', starts: 1 });
    }
    const byJob = gateways.map((gateway) => new Set(decodedBy(gateway).map(({ job }) => job)));
    expect(byJob.every(({ size }) => size > 0)).toBe(true);
    expect(byJob.reduce((sum, { size }) => sum + size, 0)).toBe(jobs.length);
  });

  test('a job is moved, cancelled, tried again and deleted at the other one', async () => {
    const nats = await startNats();
    const slow = ['JOBS_CONCURRENCY=1', 'SCRIPTED_LATENCY_MS=1500'];
    const one = await start(nats, 'scripted', ...slow);
    const [running, waiting, last] = (await createJobs(
      one.url,
      [recording(20, 0), recording(20, 1), recording(1, 2)],
      asked,
    )) as [JobView, JobView, JobView];
    await jobIn(one.url, running.id, 'running');
    const other = await start(nats, 'scripted', ...slow);
    await jobIn(other.url, waiting.id, 'running');
    const moved = await fetch(`${other.url}/v1/jobs/${last.id}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ priority: 9 }),
    });
    expect(await moved.json()).toMatchObject({ priority: 9, queue_position: 1 });
    expect(await (await post(other.url, running.id, 'cancel')).json()).toMatchObject({
      state: 'cancelled',
    });
    expect(await refusal(await post(one.url, running.id, 'cancel'))).toBe('409 job_ended');
    // Its place is free at once.
    await jobIn(other.url, last.id, 'running');
    expect(await (await post(one.url, running.id, 'retry')).json()).toMatchObject({
      state: 'queued',
    });
    await jobIn(other.url, running.id, 'running');

    const answer = await fetch(`${other.url}/v1/jobs/${running.id}`, { method: 'DELETE' });
    expect(answer.status).toBe(204);
    for (const path of ['', '/result', '/audio', '/events']) {
      const gone = await fetch(`${one.url}/v1/jobs/${running.id}${path}`);
      expect(await refusal(gone)).toBe('404 not_found');
    }
    for (const { dataDir } of [one, other]) {
      const [folder = ''] = readdirSync(join(dataDir, 'shared-uploads'));
      await expect
        .poll(() => readdirSync(join(dataDir, 'shared-uploads', folder)))
        .not.toContain(running.id);
    }
  });

  test.each([
    ['scripted', 3, 16, 'SCRIPTED_LATENCY_MS=1500'],
    ['native', 1, 3, 'JOBS_CONCURRENCY=2'],
  ] as const)(
    'gateways (%s) that are killed in the middle of a job (%i) change nothing of its text',
    async (kind, kills, clips, setting) => {
      const file = recording(clips, 0);
      const expected = await undisturbed(file, kind);
      const nats = await startNats();
      const gateways = [await start(nats, kind, setting), await start(nats, kind, setting)];
      const { id } = await createJob(gateways[0]?.url as string, file, asked);
      let done = 0;
      for (let killed = 0; killed < kills; killed++) {
        const watching = gateways[1] as SharingGateway;
        done = (await doneUntil(watching.url, id, done)).progress.done_seconds;
        const victim = await runnerOf(nats, gateways, id);
        await victim.kill();
        gateways.splice(gateways.indexOf(victim), 1);
        gateways.push(await start(nats, kind, setting));
      }
      const url = gateways[0]?.url as string;
      expect(await endedJob(url, id)).toMatchObject({ state: 'succeeded', starts: kills + 1 });
      expect(await resultOf(url, id, 'json')).toBe(expected);
    },
    240_000,
  );

  test('a gateway that ends in good order hands its jobs on at once, behind their last windows', async () => {
    const nats = await startNats();
    // Nobody would wait so long for it.
    const setting = ['SCRIPTED_LATENCY_MS=1000', 'JOBS_LEASE_MS=600000'];
    const gateways = [
      await start(nats, 'scripted', ...setting),
      await start(nats, 'scripted', ...setting),
    ] as const;
    const { id } = await createJob(gateways[0].url, recording(8, 0), asked);
    await doneUntil(gateways[1].url, id, 10);
    const one = await runnerOf(nats, gateways, id);
    const other = gateways.find((gateway) => gateway !== one) as SharingGateway;
    expect(await one.terminate()).toBe(0);
    expect(await endedJob(other.url, id)).toMatchObject({ state: 'succeeded', starts: 2 });
    const [first, second] = [decodedBy(one), decodedBy(other)] as const;
    const again = second.filter(({ window }) => first.some((each) => each.window === window));
    expect(first.length).toBeGreaterThan(2);
    expect(again.length).toBeLessThanOrEqual(4);
  });

  test('a job that kills gateways again and again fails, and takes no other with it', async () => {
    const nats = await startNats();
    const one = await start(nats);
    const innocent = await createJob(one.url, recording(3, 0), asked);
    const { id } = await createJob(one.url, recording(2, 3), { ...asked, prompt: 'deadly' });
    await one.gone;
    let failed: JobView | null = null;
    let url = '';
    for (let deaths = 1; !failed; deaths++) {
      expect(deaths).toBeLessThanOrEqual(5);
      const gateway = await start(nats).catch(() => null);
      if (!gateway) continue;
      url = gateway.url;
      const survived = endedJob(url, id).catch(() => null);
      failed = await Promise.race([survived, gateway.gone.then(() => null)]);
    }
    expect(failed).toMatchObject({ state: 'failed', error: { code: 'job_deadly' } });
    expect((await endedJob(url, innocent.id)).state).toBe('succeeded');
  }, 180_000);

  test('while NATS is away jobs wait for it and requests are told so; then all goes on', async () => {
    const file = recording(12, 0);
    const expected = await undisturbed(file, 'scripted');
    const nats = await startNats();
    const one = await start(nats, 'scripted', 'SCRIPTED_LATENCY_MS=1000');
    const other = await start(nats, 'scripted', 'SCRIPTED_LATENCY_MS=1000');
    const { id } = await createJob(one.url, file, asked);
    await doneUntil(one.url, id, 10);
    await nats.kill();
    for (const { url } of [one, other]) {
      await expect
        .poll(async () => refusal(await fetch(`${url}/v1/jobs/${id}`)).catch(() => ''))
        .toBe('503 jobs_unavailable');
      expect(await refusal(await fetch(`${url}/v1/jobs`))).toBe('503 jobs_unavailable');
      expect(await refusal(await postJobs(url, [file], asked))).toBe('503 jobs_unavailable');
      expect((await fetch(`${url}/health`)).status).toBe(200);
    }
    await nats.restart();
    await expect
      .poll(async () => (await fetch(`${other.url}/v1/jobs/${id}`)).status, { timeout: 30_000 })
      .toBe(200);
    expect(await endedJob(other.url, id)).toMatchObject({ state: 'succeeded' });
    expect(await resultOf(other.url, id, 'json')).toBe(expected);
  }, 120_000);

  test('a gateway that stood still for too long finds its job done by another, and adds nothing to it', async () => {
    const file = recording(12, 0);
    const expected = await undisturbed(file, 'scripted');
    const nats = await startNats();
    const one = await start(nats, 'scripted', 'SCRIPTED_LATENCY_MS=1000');
    const { id } = await createJob(one.url, file, asked);
    await doneUntil(one.url, id, 10);
    process.kill(one.pid, 'SIGSTOP');
    const other = await start(nats);
    expect(await endedJob(other.url, id)).toMatchObject({ state: 'succeeded', starts: 2 });
    process.kill(one.pid, 'SIGCONT');
    await expect.poll(async () => (await getJob(one.url, id)).state).toBe('succeeded');
    expect(await getJob(one.url, id)).toEqual(await getJob(other.url, id));
    for (const { url } of [one, other]) expect(await resultOf(url, id, 'json')).toBe(expected);
  }, 120_000);

  test('a webhook is told once, also where the gateway that was to tell it is gone', async () => {
    const notices: { id: string; body: string }[] = [];
    let status = 503;
    const receiver = createServer((request, response) => {
      let body = '';
      request.on('data', (piece) => {
        body += piece;
      });
      request.on('end', () => {
        notices.push({ id: request.headers['webhook-id'] as string, body });
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void receiver.close());
    const nats = await startNats();
    const secret = [
      'WEBHOOK_SECRET=s',
      'WEBHOOK_PRIVATE_ADDRESSES=allow',
      'WEBHOOK_RETRY_DELAY_MS=4000',
    ];
    const one = await start(nats, 'scripted', ...secret);
    const address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    const { id } = await createJob(one.url, recording(2, 0), { ...asked, webhook_url: address });
    await expect.poll(() => notices.length, { timeout: 30_000 }).toBe(1);
    await one.kill();
    status = 204;
    const [other, third] = [
      await start(nats, 'scripted', ...secret),
      await start(nats, 'scripted', ...secret),
    ];
    await expect.poll(() => notices.length, { timeout: 60_000 }).toBe(2);
    expect(notices[1]).toEqual(notices[0]);
    expect(JSON.parse(notices[0]?.body ?? '')).toMatchObject({ data: { id } });
    // Both go on, and neither finds anything more to tell.
    const { id: next } = await createJob(other.url, recording(2, 1), {
      ...asked,
      webhook_url: address,
    });
    await endedJob(third.url, next);
    await expect.poll(() => notices.length).toBe(3);
    expect(new Set(notices.map((notice) => notice.id)).size).toBe(2);
  }, 120_000);
});
