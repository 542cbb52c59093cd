import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type AudioWindow, ScriptedEngine, spoken } from '../../src/engine/index.js';
import { GatewayError } from '../../src/errors/index.js';
import type { Stats } from '../../src/http/index.js';
import { jobEventSchemas, jobListSchema } from '../../src/http/jobs/job-schemas.js';
import { type JobView, jobSchema } from '../../src/jobs/index.js';
import { transcriptFormats } from '../../src/transcript/index.js';
import { jfkAs, jfkMp3, jfkText } from '../support/jfk.js';
import {
  createJob,
  createJobs,
  endedJob,
  eventsOf,
  getJob,
  postJobs,
  refusal,
  resultOf,
} from '../support/jobs-client.js';
import { startGateway } from '../support/start-gateway.js';
import { countErrors } from '../support/word-error-rate.js';

const clip = { name: 'jfk.mp3', bytes: jfkMp3 };

/** Says "word" in every window, once the test lets it. */
function heldEngine(slots = 1): ScriptedEngine {
  return new ScriptedEngine({ script: () => spoken([['word', 0, 300]]), held: true, slots });
}

function digest({ pcm }: AudioWindow): string {
  return createHash('sha1').update(pcm).digest('hex');
}

async function waitingWindows(url: string): Promise<number> {
  const stats = (await (await fetch(`${url}/v1/stats`)).json()) as Stats;
  return stats.lanes.batch.waiting;
}

async function postTo(url: string, path: string): Promise<Response> {
  return await fetch(`${url}/v1/jobs/${path}`, { method: 'POST' });
}

describe('with the real engine', () => {
  test('a clip becomes a job, which tells its progress and ends with its text', async () => {
    const { url } = await startGateway();
    const job = await createJob(url, clip, { language: 'en', reference: 'first' });
    expect(job).toMatchObject({ name: 'jfk.mp3', bytes: jfkMp3.length, reference: 'first' });
    const seen: JobView[] = [];
    for await (const { event, data } of eventsOf(`${url}/v1/jobs/${job.id}/events`)) {
      expect(event).toBe('job');
      expect(jobSchema.strict().parse(data)).toEqual(data);
      seen.push(data as JobView);
    }
    expect(seen[0]?.state).toBe('running');
    const done = seen.map(({ progress }) => progress.done_seconds);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(seen.at(-1)).toMatchObject({
      state: 'succeeded',
      starts: 1,
      progress: { done_seconds: 11, total_seconds: 11 },
    });
    expect(await getJob(url, job.id)).toEqual(seen.at(-1));
    const text = await resultOf(url, job.id);
    expect(countErrors(jfkText, text).edits, text).toBeLessThanOrEqual(2);
  });

  test('each channel by itself: the length counts for every one of them', async () => {
    const { url } = await startGateway();
    const stereo = await jfkAs('-ac', '2', '-f', 'wav');
    const job = await createJob(
      url,
      { name: 'call.wav', bytes: stereo },
      { language: 'en', channels: 'split' },
    );
    const ended = await endedJob(url, job.id);
    expect(ended).toMatchObject({ state: 'succeeded', progress: { done_seconds: 22 } });
    expect(await resultOf(url, job.id, 'txt')).toMatch(/^\[Channel 2\] /m);
  });
});

test('a result comes in every format, with words where they are asked for', async () => {
  const engine = heldEngine();
  engine.release();
  const { url } = await startGateway({}, { engine });
  const { id } = await createJob(url, { ...clip, name: "it's (this) ä.mp3" });
  await endedJob(url, id);
  const starts = { txt: 'word', srt: '1\n00:00:', vtt: 'WEBVTT', json: '{', tsv: 'start\tend' };
  const types = { txt: 'text/plain', srt: 'x-subrip', vtt: 'text/vtt', json: '/json', tsv: 'tab-' };
  for (const format of transcriptFormats) {
    const answer = await fetch(`${url}/v1/jobs/${id}/result?format=${format}`);
    expect(answer.headers.get('content-type')).toContain(types[format]);
    expect(answer.headers.get('content-disposition')).toBe(
      `inline; filename*=UTF-8''it%27s%20%28this%29%20%C3%A4.${format}`,
    );
    expect(await answer.text()).toMatch(new RegExp(`^${starts[format]}`));
  }
  const { words } = JSON.parse(await resultOf(url, id, 'json&words=true'));
  expect(words[0]).toMatchObject({ word: 'word' });
  expect(await refusal(await fetch(`${url}/v1/jobs/${id}/result?format=docx`))).toBe(
    '400 bad_field',
  );
});

test('many files at once are many jobs, listed page by page and by what they are', async () => {
  const engine = heldEngine();
  const { url } = await startGateway({ jobsConcurrency: 1 }, { engine });
  const names = ['one.mp3', 'two.mp3', 'three.mp3'];
  const files = names.map((name) => ({ ...clip, name }));
  const jobs = await createJobs(url, files, { reference: 'batch' });
  const other = await createJob(url, clip);
  expect(jobs.map(({ name }) => name)).toEqual(names);
  await engine.arrived(1);

  const list = async (query: string) => {
    const answer = await fetch(`${url}/v1/jobs?${query}`);
    return jobListSchema.strict().parse(await answer.json());
  };
  const ids = ({ data }: { data: { id: string }[] }) => data.map(({ id }) => id);
  const [one, two, three] = jobs.map(({ id }) => id) as [string, string, string];
  const page = await list('limit=2');
  expect(ids(page)).toEqual([other.id, three]);
  expect(page).toMatchObject({ has_more: true, next: three });
  const last = await list(`limit=2&after=${page.next}`);
  expect(ids(last)).toEqual([two, one]);
  expect(last).toMatchObject({ has_more: false, next: null });
  expect(ids(await list('reference=batch&state=queued'))).toEqual([three, two]);
  expect(ids(await list('state=running,succeeded'))).toEqual([one]);
  expect(await refusal(await fetch(`${url}/v1/jobs?state=lost`))).toBe('400 bad_field');
  expect(await refusal(await fetch(`${url}/v1/jobs?limit=0`))).toBe('400 bad_field');

  // Where the last job of a page is deleted, what is behind it is not taken for nothing.
  await fetch(`${url}/v1/jobs/${three}`, { method: 'DELETE' });
  const lost = await fetch(`${url}/v1/jobs?limit=2&after=${three}`);
  expect(await refusal(lost)).toBe('400 bad_field');
});

test('the highest priority goes first, then the oldest; positions say so as they change', async () => {
  const engine = heldEngine();
  const { url } = await startGateway({ jobsConcurrency: 1 }, { engine });
  const first = await createJob(url, clip);
  const plain = await createJob(url, clip);
  const late = await createJob(url, clip);
  const urgent = await createJob(url, clip, { priority: '5' });
  const positions = async () => {
    const all = await Promise.all([first, urgent, plain, late].map(({ id }) => getJob(url, id)));
    return all.map(({ queue_position }) => queue_position);
  };
  expect(await positions()).toEqual([null, 1, 2, 3]);
  const told: (number | null)[] = [];
  const listening = (async () => {
    for await (const { data } of eventsOf(`${url}/v1/jobs/${late.id}/events`)) {
      told.push((data as JobView).queue_position);
    }
  })();
  await expect.poll(() => told.length).toBeGreaterThan(0);
  engine.release();
  await listening;
  expect([...new Set(told)]).toEqual([3, 2, 1, null]);
  const jobs = await Promise.all([first, urgent, plain, late].map(({ id }) => getJob(url, id)));
  const ends = jobs.map(({ ended_at }) => ended_at);
  expect(ends).toEqual([...ends].sort());
});

test('a job that waits is moved by its priority; one that has ended is not', async () => {
  const engine = heldEngine();
  const { url } = await startGateway({ jobsConcurrency: 1 }, { engine });
  const [first, plain, late] = [
    await createJob(url, clip),
    await createJob(url, clip),
    await createJob(url, clip),
  ] as const;
  const change = (id: string, body: unknown) =>
    fetch(`${url}/v1/jobs/${id}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const orders: unknown[] = [];
  void (async () => {
    for await (const { event, data } of eventsOf(`${url}/v1/jobs/events`)) {
      if (event === 'queue') orders.push((data as { order: unknown }).order);
    }
  })().catch(() => {});
  await expect.poll(() => orders).toEqual([[plain.id, late.id]]);
  expect(jobSchema.parse(await (await change(late.id, { priority: 3 })).json())).toMatchObject({
    priority: 3,
    queue_position: 1,
  });
  await expect.poll(() => orders.at(-1)).toEqual([late.id, plain.id]);
  expect(await refusal(await change(late.id, { priority: 101 }))).toBe('400 bad_field');
  expect(await refusal(await change(late.id, { state: 'running' }))).toBe('400 bad_field');
  expect(await refusal(await change('job_none', { priority: 1 }))).toBe('404 not_found');
  await fetch(`${url}/v1/jobs/${first.id}/cancel`, { method: 'POST' });
  expect(await refusal(await change(first.id, { priority: 1 }))).toBe('409 job_ended');
});

describe('a short clip behind a recording of ten minutes', () => {
  const behind = async (maxWindowMs: number) => {
    const engine = heldEngine();
    const { url } = await startGateway({ maxWindowMs }, { engine });
    const bytes = await jfkAs('-ar', '8000', '-f', 'wav', '-af', 'aloop=loop=54:size=484000');
    const long = await createJob(url, { name: 'long.wav', bytes }, { language: 'en' });
    // One of its windows runs, and the next one waits already.
    await expect.poll(() => waitingWindows(url), { timeout: 20_000 }).toBe(1);
    const short = await createJob(url, clip, { language: 'en' });
    return { engine, url, long, short };
  };
  const order = ({ windows }: ScriptedEngine) => windows.map(({ sessionId }) => sessionId);

  test('gets the only slot when the window that has it ends, and its share from then on', async () => {
    const { engine, url, long, short } = await behind(8_000);
    // No shorter than the long one's: nobody makes way for it.
    await expect.poll(() => waitingWindows(url)).toBe(3);
    const ended = endedJob(url, short.id);
    for (let windows = 2; (await getJob(url, short.id)).state === 'running'; windows++) {
      engine.release(1);
      await Promise.race([engine.arrived(windows), ended]);
    }
    expect(await ended).toMatchObject({ state: 'succeeded' });
    expect(order(engine).slice(0, 2)).toEqual([long.id, short.id]);
    // Its two windows took turns with those of the long one.
    expect(order(engine).lastIndexOf(short.id)).toBeLessThanOrEqual(3);
    expect(await getJob(url, long.id)).toMatchObject({ state: 'running' });
  });

  test('gets the only slot at once where the window that has it is much longer', async () => {
    const { engine, url, long, short } = await behind(28_000);
    // Nothing is released: the long window made way, and comes back for the slot later.
    await engine.arrived(2);
    expect(order(engine)).toEqual([long.id, short.id]);
    engine.release(1);
    await endedJob(url, short.id);
    await engine.arrived(3);
    expect(order(engine)).toEqual([long.id, short.id, long.id]);
    const [before, , again] = engine.windows as [AudioWindow, AudioWindow, AudioWindow];
    expect(digest(again)).toBe(digest(before));
  });
});

describe('cancel, retry and delete', () => {
  test('a running job is cancelled at once, and goes on behind its last finished window when it is tried again', async () => {
    const engine = heldEngine();
    const { url } = await startGateway({ maxWindowMs: 8_000 }, { engine });
    // Grows louder, so that no two windows are the same audio.
    const filters = "aloop=loop=1:size=484000,volume='0.3+t/40':eval=frame";
    const bytes = await jfkAs('-f', 'wav', '-af', filters);
    const { id } = await createJob(url, { name: 'twice.wav', bytes }, { language: 'en' });
    await engine.arrived(1);
    engine.release(1);
    await engine.arrived(2);
    engine.release(1);
    await engine.arrived(3);
    await expect.poll(async () => (await getJob(url, id)).progress.done_seconds).toBeGreaterThan(0);
    const cancelled = await (await postTo(url, `${id}/cancel`)).json();
    expect(cancelled).toMatchObject({ state: 'cancelled', queue_position: null });
    await expect.poll(() => engine.active).toBe(0);
    expect(await refusal(await postTo(url, `${id}/cancel`))).toBe('409 job_ended');
    expect(await refusal(await fetch(`${url}/v1/jobs/${id}/result`))).toBe('409 job_ended');

    const before = engine.windows.length;
    engine.release();
    expect((await postTo(url, `${id}/retry`)).status).toBe(200);
    expect(await endedJob(url, id)).toMatchObject({ state: 'succeeded', starts: 2 });
    expect(await refusal(await postTo(url, `${id}/retry`))).toBe('409 job_ended');
    // The first window was finished: it is not decoded again. The third was on its way: it is.
    const again = engine.windows.slice(before).map(digest);
    expect(again).not.toContain(digest(engine.windows[0] as AudioWindow));
    expect(again).toContain(digest(engine.windows[2] as AudioWindow));
  });

  test('a queued job is cancelled, and another takes its place', async () => {
    const engine = heldEngine();
    const { url } = await startGateway({ jobsConcurrency: 1 }, { engine });
    const running = await createJob(url, clip);
    const queued = await createJob(url, clip);
    const last = await createJob(url, clip);
    await postTo(url, `${queued.id}/cancel`);
    expect((await getJob(url, last.id)).queue_position).toBe(1);
    expect(await refusal(await postTo(url, `${last.id}/retry`))).toBe('409 job_open');
    expect(await refusal(await fetch(`${url}/v1/jobs/${last.id}/result`))).toBe('409 job_open');
    engine.release();
    expect((await endedJob(url, last.id)).state).toBe('succeeded');
    expect(await getJob(url, queued.id)).toMatchObject({ state: 'cancelled', starts: 0 });
    expect((await getJob(url, running.id)).state).toBe('succeeded');
  });

  test('a job is deleted with its file, also while it runs, and those who watch are told', async () => {
    const engine = heldEngine();
    const { url } = await startGateway({}, { engine });
    const { id } = await createJob(url, clip);
    await engine.arrived(1);
    const events = eventsOf(`${url}/v1/jobs/${id}/events`);
    await events.next();
    const answer = await fetch(`${url}/v1/jobs/${id}`, { method: 'DELETE' });
    expect(answer.status).toBe(204);
    expect((await events.next()).value).toEqual({ event: 'deleted', data: { id } });
    expect((await events.next()).done).toBe(true);
    await expect.poll(() => engine.active).toBe(0);
    for (const path of ['', '/result', '/audio', '/events']) {
      expect(await refusal(await fetch(`${url}/v1/jobs/${id}${path}`))).toBe('404 not_found');
    }
    for (const path of ['cancel', 'retry']) {
      expect(await refusal(await postTo(url, `${id}/${path}`))).toBe('404 not_found');
    }
  });
});

test('the stream of all jobs tells of every one, and of the queue', async () => {
  const engine = heldEngine();
  const { url } = await startGateway({ jobsConcurrency: 1 }, { engine });
  const first = await createJob(url, clip);
  const events = eventsOf(`${url}/v1/jobs/events`);
  expect((await events.next()).value).toMatchObject({ event: 'job', data: { id: first.id } });
  expect((await events.next()).value).toEqual({ event: 'queue', data: { order: [] } });
  const second = await createJob(url, clip);
  const third = await createJob(url, clip);
  const orders: unknown[] = [];
  const ended: string[] = [];
  let released = false;
  for await (const { event, data } of events) {
    jobEventSchemas[event as keyof typeof jobEventSchemas].strict().parse(data);
    if (event === 'queue') orders.push((data as { order: string[] }).order);
    else if ((data as JobView).state === 'succeeded') ended.push((data as JobView).id);
    const waiting = [second.id, third.id];
    if (!released && JSON.stringify(orders.at(-1)) === JSON.stringify(waiting)) {
      released = true;
      engine.release();
    }
    if (ended.length === 3 && orders.at(-1)?.toString() === '') break;
  }
  expect(ended).toEqual([first.id, second.id, third.id]);
  expect(orders).toContainEqual([third.id]);
});

test('a job fails with the code of what is wrong with its file, and only that one', async () => {
  const engine = heldEngine();
  engine.release();
  const { url } = await startGateway({}, { engine });
  const bad = { name: 'notes.txt', bytes: Buffer.from('no audio at all') };
  const [broken, good] = (await createJobs(url, [bad, clip])) as [JobView, JobView];
  expect(await endedJob(url, broken.id)).toMatchObject({
    state: 'failed',
    error: { code: 'not_audio' },
  });
  expect((await endedJob(url, good.id)).state).toBe('succeeded');
});

test('a job that every worker dies of fails with that, after the tries that every window has', async () => {
  const engine = new ScriptedEngine({
    script: ({ options }) =>
      options.prompt.includes('deadly')
        ? new GatewayError('engine_died')
        : spoken([['word', 0, 300]]),
  });
  const { url } = await startGateway({ retryDelayMs: 10, maxRetries: 3 }, { engine });
  const { id } = await createJob(url, clip, { language: 'en', prompt: 'deadly' });
  const other = await createJob(url, clip, { language: 'en' });
  expect(await endedJob(url, id)).toMatchObject({
    state: 'failed',
    error: { code: 'engine_died' },
  });
  expect((await endedJob(url, other.id)).state).toBe('succeeded');
  const tries = engine.windows.filter(({ sessionId }) => sessionId === id).length;
  expect(tries).toBeGreaterThanOrEqual(4);
});

test('fields that cannot be used are refused, and named', async () => {
  const { url } = await startGateway({ jobsMaxQueued: 1 }, { engine: heldEngine() });
  const refused = async (fields: Record<string, string>) => {
    const answer = await postJobs(url, [clip], fields);
    const { error } = (await answer.json()) as { error: { code: string; param: string } };
    return `${answer.status} ${error.code} ${error.param}`;
  };
  expect(await refused({ language: 'klingon' })).toBe('400 bad_field language');
  expect(await refused({ priority: '1.5' })).toBe('400 bad_field priority');
  expect(await refused({ task: 'sing' })).toBe('400 bad_field task');
  expect(await refused({ colour: 'red' })).toBe('400 bad_field colour');
  expect(await refused({ model: 'gpt-5' })).toBe('404 model_not_found model');
  for (const rules of ['{"maks": {}}', '{"profile": "loud"}', 'masked']) {
    expect(await refused({ post_processing: rules })).toBe('400 bad_field post_processing');
  }
  const twice = new FormData();
  twice.append('file', new Blob([jfkMp3]), 'a.mp3');
  for (const model of ['whisper-1', 'whisper-1']) twice.append('model', model);
  const answer = await fetch(`${url}/v1/jobs`, { method: 'POST', body: twice });
  expect((await answer.json()) as object).toMatchObject({
    error: { param: 'model', message: 'model was sent 2 times.' },
  });
  expect(await refusal(await postJobs(url, []))).toBe('400 bad_field');
  expect(await refusal(await postJobs(url, [clip, clip]))).toBe('503 queue_full');
  const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
  expect(await refusal(await fetch(`${url}/v1/jobs`, json))).toBe('415 not_multipart');
  expect((await (await fetch(`${url}/v1/jobs`)).json()) as object).toMatchObject({ data: [] });
});
