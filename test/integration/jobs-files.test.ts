import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { ScriptedEngine, spoken } from '../../src/engine/index.js';
import type { JobView } from '../../src/jobs/index.js';
import { jfkMp3 } from '../support/jfk.js';
import {
  createJob,
  createJobs,
  endedJob,
  getJob,
  jobIn,
  postJobs,
  refusal,
} from '../support/jobs-client.js';
import { startKillable } from '../support/killable-gateway.js';
import { smallDisk } from '../support/small-disk.js';
import { startGateway } from '../support/start-gateway.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { openFilesIn } from '../support/upload.js';

const clip = { name: 'jfk.mp3', bytes: jfkMp3 };

function quickEngine(): ScriptedEngine {
  return new ScriptedEngine({ script: () => spoken([['word', 0, 300]]) });
}

function heldEngine(): ScriptedEngine {
  return new ScriptedEngine({ script: () => spoken([['word', 0, 300]]), held: true });
}

/** What lies in the folder of uploads. */
function uploads(dataDir: string): string[] {
  return readdirSync(join(dataDir, 'uploads'));
}

/** Posts a body as it is, under a boundary `x`. */
function postRaw(url: string, body: Readable | Buffer): Promise<Response> {
  return fetch(`${url}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    body: body instanceof Readable ? Readable.toWeb(body) : new Uint8Array(body),
    duplex: 'half',
  } as RequestInit);
}

function partNamed(filename: string, contents: Uint8Array): Buffer {
  const head = `--x\r\ncontent-disposition: form-data; name="file"; filename="${filename}"\r\ncontent-type: text/html\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), contents, Buffer.from('\r\n--x--\r\n')]);
}

test('the original comes back, whole or in the parts that players ask for', async () => {
  const { url } = await startGateway({}, { engine: quickEngine() });
  const { id } = await createJob(url, clip);
  const ask = async (headers: Record<string, string>, method = 'GET') =>
    await fetch(`${url}/v1/jobs/${id}/audio`, { headers, method });
  const size = jfkMp3.length;
  const whole = await ask({});
  expect(whole.status).toBe(200);
  expect(Object.fromEntries(whole.headers)).toMatchObject({
    'accept-ranges': 'bytes',
    'content-type': 'audio/mpeg',
    'content-length': String(size),
    'x-content-type-options': 'nosniff',
  });
  expect(Buffer.from(await whole.arrayBuffer())).toEqual(jfkMp3);

  const etag = whole.headers.get('etag') as string;
  for (const [range, start, end] of [
    ['bytes=0-99', 0, 99],
    ['bytes=1000-', 1_000, size - 1],
    ['bytes=-500', size - 500, size - 1],
    [`bytes=100-${size * 2}`, 100, size - 1],
  ] as const) {
    const part = await ask({ range, 'if-range': etag });
    expect(part.status, range).toBe(206);
    expect(part.headers.get('content-range')).toBe(`bytes ${start}-${end}/${size}`);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(jfkMp3.subarray(start, end + 1));
  }
  const beyond = await ask({ range: `bytes=${size}-` });
  expect(beyond.status).toBe(416);
  expect(beyond.headers.get('content-range')).toBe(`bytes */${size}`);
  // What a server does not understand, or what is meant for another file, it ignores.
  expect((await ask({ range: 'bytes=5-2' })).status).toBe(200);
  expect((await ask({ range: 'bytes=0-1,4-5' })).status).toBe(200);
  expect((await ask({ range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200);
  const head = await ask({ range: 'bytes=0-9' }, 'HEAD');
  expect([head.status, head.headers.get('content-length')]).toEqual([206, '10']);
});

test.each([
  ['../../../etc/passwd', 'passwd'],
  ['..', 'audio'],
  ['a\u0000b\u001b[2J\u202Ecod.exe', 'ab[2Jcod.exe'],
  ['', 'audio'],
  ['x'.repeat(1_000), 'x'.repeat(255)],
  ["'; drop table jobs; --.mp3", "'; drop table jobs; --.mp3"],
  ['%0d%0aset-cookie: a=b.html', '%0d%0aset-cookie: a=b.html'],
])('a file that is called %j is a name and no path', async (name, kept) => {
  const dataDir = temporaryFolder();
  const { url } = await startGateway({ dataDir }, { engine: heldEngine() });
  const answer = await postRaw(url, partNamed(name, jfkMp3));
  expect(answer.status).toBe(201);
  const [job] = ((await answer.json()) as { data: [JobView] }).data;
  expect(job.name).toBe(kept);
  expect(uploads(dataDir)).toEqual([job.id]);
  expect(readdirSync(dataDir).filter((entry) => !/^jobs\.sqlite/.test(entry))).toEqual(['uploads']);
  const audio = await fetch(`${url}/v1/jobs/${job.id}/audio`);
  expect(audio.headers.get('set-cookie')).toBeNull();
  expect(audio.headers.get('content-type')).toMatch(/^(audio\/mpeg|application\/octet-stream)$/);
  expect(Buffer.from(await audio.arrayBuffer())).toEqual(jfkMp3);
});

test('ids that are no ids are not found', async () => {
  const { url } = await startGateway({}, { engine: quickEngine() });
  for (const id of ['..%2f..%2fetc', '%00', 'job_x', "'", 'jobs.sqlite']) {
    expect(await refusal(await fetch(`${url}/v1/jobs/${id}/audio`)), id).toBe('404 not_found');
  }
});

test('a file that is too large is refused while it comes, and leaves nothing', async () => {
  const dataDir = temporaryFolder();
  const engine = quickEngine();
  const { url } = await startGateway({ dataDir, maxUploadBytes: 100_000 }, { engine });
  const large = { name: 'large.wav', bytes: new Uint8Array(5_000_000) };
  expect(await refusal(await postJobs(url, [clip, large]))).toBe('413 upload_too_large');
  expect(uploads(dataDir)).toEqual([]);
  expect((await createJob(url, clip)).name).toBe('jfk.mp3');
});

test('an upload that breaks off, stalls or makes no sense leaves nothing', async () => {
  const dataDir = temporaryFolder();
  const { url } = await startGateway({ dataDir, uploadStallMs: 200 }, { engine: quickEngine() });
  const beginning = partNamed('a.mp3', jfkMp3).subarray(0, 30_000);
  expect(await refusal(await postRaw(url, beginning))).toBe('400 bad_upload');
  expect(await refusal(await postRaw(url, Buffer.from('nothing at all')))).toBe('400 bad_upload');
  expect(await refusal(await postRaw(url, partNamed('a.mp3', Buffer.alloc(0))))).toBe(
    '400 bad_field',
  );

  const headers = { 'content-type': 'multipart/form-data; boundary=x', 'content-length': 1e6 };
  const gone = request(`${url}/v1/jobs`, { method: 'POST', headers });
  gone.on('error', () => {});
  gone.write(beginning);
  await expect.poll(() => uploads(dataDir).length).toBe(1);
  gone.destroy();
  await expect.poll(() => uploads(dataDir)).toEqual([]);

  const stalled = request(`${url}/v1/jobs`, { method: 'POST', headers });
  stalled.write(beginning);
  const status = await new Promise((resolve) =>
    stalled.on('response', ({ statusCode }) => resolve(statusCode)),
  );
  expect(status).toBe(408);
  stalled.destroy();
  expect(uploads(dataDir)).toEqual([]);
  const { data } = (await (await fetch(`${url}/v1/jobs`)).json()) as { data: JobView[] };
  expect(data).toEqual([]);
});

test('ended jobs go when they are too old', async () => {
  const dataDir = temporaryFolder();
  const first = await startGateway({ dataDir }, { engine: quickEngine() });
  const { id } = await createJob(first.url, clip);
  await endedJob(first.url, id);
  await first.close();
  const kept = await startGateway({ dataDir }, { engine: quickEngine() });
  expect((await getJob(kept.url, id)).state).toBe('succeeded');
  await kept.close();
  const second = await startGateway({ dataDir, jobsMaxAgeMs: 1 }, { engine: quickEngine() });
  expect((await fetch(`${second.url}/v1/jobs/${id}`)).status).toBe(404);
  await expect.poll(() => uploads(dataDir)).toEqual([]);
});

test('ended jobs go when uploads take too much space, those first that ended first; open ones stay', async () => {
  const dataDir = temporaryFolder();
  const engine = quickEngine();
  const jobsMaxBytes = jfkMp3.length * 2 + 10_000;
  const { url } = await startGateway({ dataDir, jobsMaxBytes }, { engine });
  const first = await createJob(url, clip);
  await endedJob(url, first.id);
  const second = await createJob(url, clip);
  await endedJob(url, second.id);
  engine.hold();
  const third = await createJob(url, clip);
  expect((await fetch(`${url}/v1/jobs/${first.id}`)).status).toBe(404);
  expect((await getJob(url, second.id)).state).toBe('succeeded');
  const fourth = await createJob(url, clip);
  expect((await fetch(`${url}/v1/jobs/${second.id}`)).status).toBe(404);
  expect(await refusal(await postJobs(url, [clip]))).toBe('507 disk_full');
  await expect.poll(() => uploads(dataDir).sort()).toEqual([third.id, fourth.id].sort());
});

test('an upload that does not say its size gets no more room than one that does', async () => {
  const dataDir = temporaryFolder();
  const jobsMaxBytes = 2 ** 20;
  const { url } = await startGateway({ dataDir, jobsMaxBytes }, { engine: quickEngine() });
  expect(await refusal(await postRaw(url, Readable.from(wavOf(2 ** 21))))).toBe('507 disk_full');
  expect(uploads(dataDir)).toEqual([]);
  const small = await postRaw(url, Readable.from(wavOf(2 ** 19)));
  expect(small.status).toBe(201);
});

test('uploads that arrive at the same time have no more room than one after the other', async () => {
  const dataDir = temporaryFolder();
  const jobsMaxBytes = 1_500_000;
  const { url } = await startGateway({ dataDir, jobsMaxBytes }, { engine: heldEngine() });
  const body = partNamed('a.wav', new Uint8Array(1_000_000));
  const headers = {
    'content-type': 'multipart/form-data; boundary=x',
    'content-length': body.length,
  };
  const first = request(`${url}/v1/jobs`, { method: 'POST', headers });
  const answered = once(first, 'response');
  first.write(body.subarray(0, 800_000));
  const arrived = () =>
    uploads(dataDir).reduce((sum, name) => sum + statSync(join(dataDir, 'uploads', name)).size, 0);
  await expect.poll(arrived).toBeGreaterThan(700_000);
  const second = { name: 'b.wav', bytes: new Uint8Array(1_000_000) };
  expect(await refusal(await postJobs(url, [second]))).toBe('507 disk_full');
  first.end(body.subarray(800_000));
  const [answer] = (await answered) as [IncomingMessage];
  expect(answer.statusCode).toBe(201);
  answer.resume();
});

test('what is to stay free on a disk stays free while an upload arrives', async (context) => {
  const dataDir = smallDisk(2 ** 26);
  if (!dataDir) return context.skip();
  const reservedDiskBytes = 2 ** 25;
  const { url } = await startGateway({ dataDir, reservedDiskBytes }, { engine: quickEngine() });
  const large = Readable.from(wavOf(3 * 2 ** 24));
  expect(await refusal(await postRaw(url, large))).toBe('507 disk_full');
  expect(uploads(dataDir)).toEqual([]);
  expect((await postRaw(url, Readable.from(wavOf(2 ** 22)))).status).toBe(201);
});

test('a reader that takes nothing of a file is let go, and the file with it', async () => {
  const dataDir = temporaryFolder();
  const before = await startGateway({ dataDir }, { engine: quickEngine() });
  // More than sockets take on the way.
  const size = 2 ** 25;
  const { id } = await createJob(before.url, { name: 'a.wav', bytes: new Uint8Array(size) });
  await endedJob(before.url, id);
  await before.close();
  const { url } = await startGateway({ dataDir, uploadStallMs: 300 }, { engine: quickEngine() });
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {});
  socket.write(`GET /v1/jobs/${id}/audio HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
  await once(socket, 'readable');
  const reading = () => openFilesIn(join(dataDir, 'uploads'));
  await expect.poll(reading, { timeout: 20_000 }).toEqual([]);
  let taken = 0;
  socket.on('data', (bytes) => {
    taken += bytes.length;
  });
  socket.resume();
  await once(socket, 'close');
  expect(taken).toBeLessThan(size);
});

test('what an interrupted start left behind is removed, and nothing else', async () => {
  const dataDir = temporaryFolder();
  const first = await startGateway({ dataDir }, { engine: quickEngine() });
  const { id } = await createJob(first.url, clip);
  await endedJob(first.url, id);
  await first.close();
  for (const name of ['job_1.part', 'job_2']) {
    writeFileSync(join(dataDir, 'uploads', name), 'left');
  }
  const second = await startGateway({ dataDir }, { engine: quickEngine() });
  expect((await getJob(second.url, id)).state).toBe('succeeded');
  expect(uploads(dataDir)).toEqual([id]);
});

test('a full disk is said, and nothing is left of the upload', async () => {
  const dataDir = temporaryFolder();
  const reservedDiskBytes = 2 ** 50;
  const { url } = await startGateway({ dataDir, reservedDiskBytes }, { engine: quickEngine() });
  expect(await refusal(await postJobs(url, [clip]))).toBe('507 disk_full');
  expect(uploads(dataDir)).toEqual([]);
});

/** A WAV file, sent without saying how large it is. */
async function* wavOf(bytes: number): AsyncGenerator<Buffer> {
  yield partNamed('large.wav', new Uint8Array(0)).subarray(0, -'\r\n--x--\r\n'.length);
  for (let sent = 0; sent < bytes; sent += 65_536) yield Buffer.alloc(65_536);
  yield Buffer.from('\r\n--x--\r\n');
}

test('a disk that is full only when an upload has begun is said as well, and nothing is left of it', async (context) => {
  const dataDir = smallDisk(2 ** 21);
  if (!dataDir) return context.skip();
  const { url } = await startGateway({ dataDir, reservedDiskBytes: 0 }, { engine: quickEngine() });
  const before = await createJob(url, clip);
  await endedJob(url, before.id);
  expect(await refusal(await postRaw(url, Readable.from(wavOf(2 ** 22))))).toBe('507 disk_full');
  expect(uploads(dataDir)).toEqual([before.id]);
  const after = await createJob(url, clip);
  expect((await endedJob(url, after.id)).state).toBe('succeeded');
});

test('the largest file that the system grants is a full disk, too', async () => {
  const dataDir = temporaryFolder();
  const { url, pid } = await startKillable(dataDir, 'scripted');
  execFileSync('prlimit', ['--pid', String(pid), '--fsize=2097152:']);
  expect(await refusal(await postRaw(url, Readable.from(wavOf(2 ** 22))))).toBe('507 disk_full');
  expect(uploads(dataDir)).toEqual([]);
  const after = await createJob(url, clip, { language: 'en' });
  expect((await endedJob(url, after.id)).state).toBe('succeeded');
});

test('a data folder that cannot be used is named, and all else goes on', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  const dataDir = join(folder, 'file', 'data');
  const { url } = await startGateway({ dataDir }, { engine: quickEngine() });
  for (const answer of [await postJobs(url, [clip]), await fetch(`${url}/v1/jobs`)]) {
    const { error } = (await answer.json()) as { error: { code: string; message: string } };
    expect([answer.status, error.code]).toEqual([503, 'jobs_unavailable']);
    expect(error.message).toContain(dataDir);
    expect(error.message).toContain('ENOTDIR');
  }
  expect((await fetch(`${url}/ready`)).status).toBe(200);
});

test('a damaged database is named, and kept as it is', async () => {
  const dataDir = temporaryFolder();
  writeFileSync(join(dataDir, 'jobs.sqlite'), 'this is no database, but it is somebody’s file');
  const { url } = await startGateway({ dataDir }, { engine: quickEngine() });
  expect(await refusal(await fetch(`${url}/v1/jobs`))).toBe('503 jobs_unavailable');
});

test('two gateways never run the same jobs: the second has them when the first is gone', async () => {
  const dataDir = temporaryFolder();
  const engine = heldEngine();
  const first = await startGateway({ dataDir }, { engine });
  const { id } = await createJob(first.url, clip);
  await engine.arrived(1);
  const second = await startGateway({ dataDir }, { engine: quickEngine() });
  const answer = await fetch(`${second.url}/v1/jobs`);
  expect(await answer.text()).toContain('another gateway uses it');
  await first.close();
  expect(await endedJob(second.url, id)).toMatchObject({ state: 'succeeded', starts: 2 });
});

test('a gateway without jobs makes no folder for them', async () => {
  const dataDir = join(temporaryFolder(), 'data');
  await startGateway({ dataDir }, { engine: quickEngine() });
  expect(existsSync(dataDir)).toBe(false);
});

test('uploads are streamed: what has come lies on the disk', async () => {
  const dataDir = temporaryFolder();
  mkdirSync(dataDir, { recursive: true });
  const large = join(temporaryFolder(), 'large.wav');
  writeFileSync(large, Buffer.alloc(60_000_000));
  const { url } = await startGateway({ dataDir }, { engine: heldEngine() });
  const before = process.memoryUsage().rss;
  let most = 0;
  async function* body() {
    const head = `--x\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n`;
    yield Buffer.from(head);
    for await (const piece of createReadStream(large, { highWaterMark: 65_536 })) {
      most = Math.max(most, process.memoryUsage().rss - before);
      yield piece;
    }
    yield Buffer.from('\r\n--x--\r\n');
  }
  const answer = await postRaw(url, Readable.from(body()));
  expect(answer.status).toBe(201);
  const [job] = ((await answer.json()) as { data: [JobView] }).data;
  expect(job.bytes).toBe(60_000_000);
  expect(most).toBeLessThan(50_000_000);
  await jobIn(url, job.id, 'failed');
});

test('many jobs at once all end', async () => {
  const { url } = await startGateway({}, { engine: quickEngine() });
  const jobs = await createJobs(
    url,
    Array.from({ length: 12 }, () => clip),
  );
  const ended = await Promise.all(jobs.map(({ id }) => endedJob(url, id)));
  expect(new Set(ended.map(({ state, starts }) => `${state} ${starts}`))).toEqual(
    new Set(['succeeded 1']),
  );
});
