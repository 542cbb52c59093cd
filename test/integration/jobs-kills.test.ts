import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { JobView } from '../../src/jobs/index.js';
import {
  createJob,
  endedJob,
  eventsOf,
  getJob,
  type NamedFile,
  resultOf,
} from '../support/jobs-client.js';
import { type KillableGateway, startKillable } from '../support/killable-gateway.js';
import { recording } from '../support/recording.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** The shortest windows that a recording is packed into: the more there are, the more can be lost. */
const shortWindows = 'MAX_WINDOW_MS=8000';

/** What every job asks for. */
const asked = { language: 'en', post_processing: '{"formatting": "plain"}' };

async function jobsOf(url: string, query = ''): Promise<JobView[]> {
  const answer = await fetch(`${url}/v1/jobs?limit=200${query}`);
  return ((await answer.json()) as { data: JobView[] }).data;
}

/** The text of each recording when nothing is killed. */
async function undisturbed(
  recordings: readonly NamedFile[],
  kind: 'scripted' | 'native',
): Promise<Map<string, string>> {
  const gateway = await startKillable(temporaryFolder(), kind, shortWindows);
  const texts = new Map<string, string>();
  for (const file of recordings) {
    const { id } = await createJob(gateway.url, file, asked);
    expect((await endedJob(gateway.url, id)).state).toBe('succeeded');
    texts.set(file.name, await resultOf(gateway.url, id, 'json'));
  }
  await gateway.kill();
  return texts;
}

/** Numbers from 0 to 1 that are the same on every run (Park and Miller, 1988). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Kills gateways on one data folder, each at another moment, while jobs are uploaded and run. */
async function survive(
  kind: 'scripted' | 'native',
  recordings: readonly NamedFile[],
  kills: number,
  longestMs: number,
): Promise<void> {
  const expected = await undisturbed(recordings, kind);
  const dataDir = temporaryFolder();
  const random = seededRandom(20_261_122);
  const ended = new Map<string, JobView>();
  const references: string[] = [];
  const start = () => startKillable(dataDir, kind, shortWindows, 'JOBS_CONCURRENCY=3');

  const upload = async ({ url }: KillableGateway, reference: string, file: NamedFile) => {
    // An upload that was not answered may have become a job all the same.
    if ((await jobsOf(url, `&reference=${reference}`)).length > 0) return;
    await createJob(url, file, { ...asked, reference });
  };
  const uploadAll = async (gateway: KillableGateway) => {
    for (const [index, reference] of references.entries()) {
      await upload(gateway, reference, recordings[index % recordings.length] as NamedFile);
    }
  };
  const rememberEnded = async ({ url }: KillableGateway) => {
    for (const job of await jobsOf(url, '&state=succeeded,failed')) {
      ended.set(job.id, ended.get(job.id) ?? job);
    }
  };

  for (let round = 0; round < kills; round++) {
    if (references.length < 8) references.push(`job-${round}`);
    const gateway = await start();
    // What the kill interrupts fails; that is the client's to see.
    const work = rememberEnded(gateway)
      .then(() => uploadAll(gateway))
      .catch(() => {});
    await pause(random() * longestMs);
    await gateway.kill();
    await work;
  }
  const gateway = await start();
  await rememberEnded(gateway);
  await uploadAll(gateway);
  const jobs = await jobsOf(gateway.url);
  expect(jobs.map(({ reference }) => reference).sort()).toEqual([...references].sort());
  let interruptions = 0;
  for (const { id, name } of jobs) {
    const job = await endedJob(gateway.url, id);
    expect(job.state).toBe('succeeded');
    expect(await resultOf(gateway.url, id, 'json')).toBe(expected.get(name));
    // It was never run again after it had ended.
    const first = ended.get(id);
    if (first) expect(job).toEqual(first);
    interruptions += job.starts - 1;
  }
  // Else the kills came too early or too late to show anything.
  expect(interruptions).toBeGreaterThan(0);
}

test('jobs survive twenty kills of the gateway at any moment, with the text they have undisturbed', async () => {
  const recordings = [recording(3, 0), recording(2, 3), recording(4, 7)];
  await survive('scripted', recordings, 20, 700);
}, 180_000);

test('jobs survive three kills of a gateway with the real engine', async () => {
  await survive('native', [recording(3, 0)], 3, 3_000);
}, 180_000);

test.each([
  ['kill -9', (gateway: KillableGateway) => gateway.kill()],
  ['SIGTERM', async (gateway: KillableGateway) => expect(await gateway.terminate()).toBe(0)],
])('after %s a job goes on behind its last finished window', async (_, end) => {
  const dataDir = temporaryFolder();
  const log = join(dataDir, 'windows.log');
  const decoded = () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []);
  const first = await startKillable(dataDir, 'scripted', shortWindows);
  const { id } = await createJob(first.url, recording(6, 0), { language: 'en' });
  let finished = 0;
  for await (const { data } of eventsOf(`${first.url}/v1/jobs/${id}/events`)) {
    finished = (data as JobView).progress.done_seconds;
    if (finished > 25) break;
  }
  await end(first);
  const before = decoded();

  const second = await startKillable(dataDir, 'scripted', shortWindows);
  expect((await getJob(second.url, id)).progress.done_seconds).toBeGreaterThanOrEqual(finished);
  expect(await endedJob(second.url, id)).toMatchObject({ state: 'succeeded', starts: 2 });
  // Windows that were on their way are decoded again: at most one more than there are slots, and one whose
  // seam was not settled.
  const again = decoded()
    .slice(before.length)
    .filter((line) => before.includes(line));
  expect(before.length).toBeGreaterThan(4);
  expect(again.length).toBeLessThanOrEqual(4);
});

test('a job that kills the gateway again and again fails, and takes no other with it', async () => {
  const dataDir = temporaryFolder();
  const start = () => startKillable(dataDir, 'scripted', shortWindows, 'JOBS_CONCURRENCY=3');
  const first = await start();
  const innocent = await createJob(first.url, recording(4, 0), { language: 'en' });
  const fields = { language: 'en', prompt: 'deadly', priority: '-1' };
  const { id } = await createJob(first.url, recording(2, 3), fields);
  await first.gone;
  let failed: JobView | null = null;
  let url = '';
  let deaths = 1;
  while (!failed) {
    // It may die before it says that it listens.
    const gateway = await start().catch(() => null);
    if (gateway) {
      url = gateway.url;
      const survived = endedJob(url, id).catch(() => null);
      failed = await Promise.race([survived, gateway.gone.then(() => null)]);
    }
    if (!failed) deaths++;
    expect(deaths).toBeLessThanOrEqual(5);
  }
  expect(deaths).toBe(5);
  expect(failed).toMatchObject({ state: 'failed', starts: 5, error: { code: 'job_deadly' } });
  expect((await endedJob(url, innocent.id)).state).toBe('succeeded');
}, 60_000);
