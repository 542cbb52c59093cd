import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type PullEvent, pullModel } from '../../../src/models/index.js';
import {
  type Answer,
  answerStatus,
  breakAfter,
  type HubServer,
  serve,
  startHub,
} from '../../support/hub-server.js';
import { smallModel } from '../../support/small-model.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const patience = { stallMs: 10_000, tries: 3, delayMs: 5, maxDelayMs: 50 };
const { model, contents, sha1 } = smallModel(1_500_000);
const half = contents.length / 2;

async function pullFrom(hub: HubServer, dir = temporaryFolder(), stallMs = patience.stallMs) {
  const events: PullEvent[] = [];
  const onEvent = (event: PullEvent) => void events.push(event);
  const path = join(dir, model.path);
  const options = { dir, hubUrl: hub.url, patience: { ...patience, stallMs }, onEvent };
  const pulled = await pullModel(model, options).catch(
    (error: unknown) => error as Error & { code: string },
  );
  return { dir, path, events, pulled, files: readdirSync(dir).sort() };
}

const whole = [model.path, `${model.path}.record.json`];
/** Where each request began; what a dropped connection had in flight may have to come again. */
const starts = (hub: HubServer) =>
  hub.requests.map(({ headers }) => Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0));
const midway = expect.toSatisfy((start: number) => start > 0 && start <= half);
const retries = (events: PullEvent[]) => events.filter(({ type }) => type === 'retrying').length;

describe('pulling a model', () => {
  test('brings the file, its checksum beside it, and nothing else', async () => {
    const hub = await startHub(serve(contents));
    const { path, files, events, pulled } = await pullFrom(hub);
    expect(pulled).toEqual({ path, downloaded: true });
    expect(files).toEqual(whole);
    expect(readFileSync(path).equals(contents)).toBe(true);
    expect(JSON.parse(readFileSync(`${path}.record.json`, 'utf8'))).toMatchObject({
      name: 'mini',
      source: `${hub.url}/some/where/ggml-mini.bin`,
      bytes: contents.length,
      sha256: createHash('sha256').update(contents).digest('hex'),
    });
    expect(hub.requests[0]?.url).toBe('/some/where/ggml-mini.bin');
    expect(events.at(0)).toEqual({ type: 'downloading', bytes: 0 });
    expect(events.at(-1)).toEqual({ type: 'checking', bytes: contents.length });
  });

  test('continues where the connection was dropped', async () => {
    const hub = await startHub(breakAfter(half, contents), serve(contents));
    const { path, events, files } = await pullFrom(hub);
    expect(readFileSync(path).equals(contents)).toBe(true);
    expect(files).toEqual(whole);
    expect(starts(hub)).toEqual([0, midway]);
    expect(retries(events)).toBe(1);
  });

  test('goes on for as long as each try brings something', async () => {
    const hub = await startHub(breakAfter(200_000, contents));
    const { path, events } = await pullFrom(hub);
    expect(readFileSync(path).equals(contents)).toBe(true);
    expect(retries(events)).toBeGreaterThan(patience.tries);
  });

  test('continues what a process before it has left', async () => {
    const dir = temporaryFolder();
    const dropping = await startHub(breakAfter(half, contents), answerStatus(404));
    expect((await pullFrom(dropping, dir)).pulled).toMatchObject({ code: 'model_download_failed' });
    const hub = await startHub(serve(contents));
    const { path, files } = await pullFrom(hub, dir);
    expect(starts(hub)).toEqual([midway]);
    expect(readFileSync(path).equals(contents)).toBe(true);
    expect(files).toEqual(whole);
  });

  test('does not load again what was whole and not yet checked', async () => {
    const dir = temporaryFolder();
    writeFileSync(join(dir, `${model.path}.part`), contents);
    const hub = await startHub(serve(contents));
    const { files } = await pullFrom(hub, dir);
    expect(hub.requests).toEqual([]);
    expect(files).toEqual(whole);
  });

  test('begins anew where the file on the hub has changed', async () => {
    const old = smallModel(contents.length).contents;
    const hub = await startHub(breakAfter(half, old, '"old"'), serve(contents, '"new"'));
    const { path } = await pullFrom(hub);
    expect(readFileSync(path).equals(contents)).toBe(true);
  });

  test('begins anew where the server ignores ranges', async () => {
    const ignoring: Answer = (_request, response) => response.end(contents);
    const hub = await startHub(breakAfter(half, contents), ignoring);
    const { path } = await pullFrom(hub);
    expect(readFileSync(path).equals(contents)).toBe(true);
  });

  test('gives up on a server that ignores ranges and always drops', async () => {
    const dropping: Answer = (_request, response) => {
      response.writeHead(200, { 'content-length': contents.length, etag: '"one"' });
      // Closed behind them, so that they arrive.
      response.write(contents.subarray(0, half), () => response.socket?.destroySoon());
    };
    const hub = await startHub(dropping);
    const { pulled } = await pullFrom(hub);
    expect(pulled).toMatchObject({ code: 'model_download_failed' });
    // A try that brought more than the one before it is not counted, and how much arrives is up to the socket.
    expect(hub.requests.length).toBeGreaterThan(patience.tries);
  });

  test('begins anew after another part than the one asked for', async () => {
    const elsewhere: Answer = (_request, response) => {
      const headers = { 'content-range': `bytes 10-${contents.length - 1}/${contents.length}` };
      response.writeHead(206, headers).end(contents.subarray(10));
    };
    const hub = await startHub(breakAfter(half, contents), elsewhere, serve(contents));
    const { path } = await pullFrom(hub);
    expect(readFileSync(path).equals(contents)).toBe(true);
  });

  test.each([500, 503, 429, 408])('tries again after %d', async (status) => {
    const hub = await startHub(answerStatus(status), serve(contents));
    const { path } = await pullFrom(hub);
    expect(readFileSync(path).equals(contents)).toBe(true);
  });

  test.each([404, 401, 403])(
    'does not try again after %d, and says which address',
    async (status) => {
      const hub = await startHub(answerStatus(status), serve(contents));
      const { pulled, files } = await pullFrom(hub);
      expect(pulled).toMatchObject({
        code: 'model_download_failed',
        message: expect.stringContaining(`${hub.url}/some/where/ggml-mini.bin`),
      });
      expect((pulled as Error).message).toContain(String(status));
      expect(hub.requests).toHaveLength(1);
      expect(files).toEqual([]);
    },
  );

  test('gives up after tries that brought nothing', async () => {
    const hub = await startHub(answerStatus(500));
    const { pulled, events } = await pullFrom(hub);
    expect(pulled).toMatchObject({ code: 'model_download_failed', retryable: true });
    expect(hub.requests).toHaveLength(patience.tries);
    expect(retries(events)).toBe(patience.tries - 1);
  });

  test('follows redirects, to the rest of the file as well', async () => {
    const store = await startHub(breakAfter(half, contents), serve(contents));
    const hub = await startHub(answerStatus(302, { location: `${store.url}/signed?key=1` }));
    const { path } = await pullFrom(hub);
    expect(readFileSync(path).equals(contents)).toBe(true);
    expect(hub.requests).toHaveLength(2);
    expect(starts(store)).toEqual([0, midway]);
  });

  test('does not follow redirects in a circle', async () => {
    const hub = await startHub(answerStatus(302, { location: '/again' }));
    const { pulled } = await pullFrom(hub);
    expect(pulled).toMatchObject({ code: 'model_download_failed' });
    expect(hub.requests.length).toBeLessThan(10);
  });

  test('continues after a server that stopped sending', async () => {
    const stalling: Answer = (_request, response) => {
      response.writeHead(200, { 'content-length': contents.length, etag: '"one"' });
      response.write(contents.subarray(0, half));
    };
    const hub = await startHub(stalling, serve(contents));
    const { path, events } = await pullFrom(hub, temporaryFolder(), 300);
    expect(readFileSync(path).equals(contents)).toBe(true);
    expect(events).toContainEqual({ type: 'retrying', reason: 'nothing came for too long' });
  });

  test('gives up on a server that never answers', async () => {
    const hub = await startHub(() => {});
    const { pulled } = await pullFrom(hub, temporaryFolder(), 300);
    expect(pulled).toMatchObject({
      code: 'model_download_failed',
      message: expect.stringContaining('does not answer'),
    });
  });

  test('refuses a file of another length before loading it', async () => {
    const hub = await startHub(serve(Buffer.concat([contents, contents])));
    const { pulled, files } = await pullFrom(hub);
    expect(pulled).toMatchObject({
      code: 'model_download_failed',
      message: expect.stringContaining('3000000 bytes there instead of 1500000'),
    });
    expect(files).toEqual([]);
  });

  test('refuses more than the server has announced, which is nothing', async () => {
    const endless: Answer = (_request, response) => {
      response.write(contents);
      response.end(contents);
    };
    const hub = await startHub(endless);
    const { pulled } = await pullFrom(hub);
    expect(pulled).toMatchObject({ code: 'model_download_failed' });
    expect(hub.requests).toHaveLength(1);
  });

  test('does not take an answer for whole that ends early without saying its length', async () => {
    const short: Answer = (_request, response) => {
      response.write(contents.subarray(0, half));
      response.end();
    };
    const { pulled } = await pullFrom(await startHub(short));
    expect(pulled).toMatchObject({
      code: 'model_download_failed',
      message: expect.stringContaining('ended early'),
    });
  });

  test('refuses other contents of the right length, and leaves nothing of them', async () => {
    const hub = await startHub(serve(smallModel(contents.length).contents));
    const { pulled, files } = await pullFrom(hub);
    expect(pulled).toMatchObject({
      code: 'model_corrupt',
      message: expect.stringContaining(sha1),
    });
    expect(files).toEqual([]);
    expect(hub.requests).toHaveLength(1);
  });

  test('loads everything once more where the beginning that was left is wrong', async () => {
    const dir = temporaryFolder();
    const part = join(dir, `${model.path}.part`);
    writeFileSync(part, smallModel(contents.length).contents.subarray(0, half));
    writeFileSync(`${part}.json`, JSON.stringify({ validator: '"one"' }));
    const hub = await startHub(serve(contents));
    const { path, files } = await pullFrom(hub, dir);
    expect(starts(hub)).toEqual([half, 0]);
    expect(readFileSync(path).equals(contents)).toBe(true);
    expect(files).toEqual(whole);
  });

  test('asks nobody for what is here', async () => {
    const dir = temporaryFolder();
    await pullFrom(await startHub(serve(contents)), dir);
    const hub = await startHub(serve(contents));
    const { pulled } = await pullFrom(hub, dir);
    expect(pulled).toMatchObject({ downloaded: false });
    expect(hub.requests).toEqual([]);
  });

  test('takes a file that somebody put there, once its checksum is right', async () => {
    const dir = temporaryFolder();
    writeFileSync(join(dir, model.path), contents);
    const hub = await startHub(serve(contents));
    const { pulled, files } = await pullFrom(hub, dir);
    expect(pulled).toMatchObject({ downloaded: false });
    expect(hub.requests).toEqual([]);
    expect(files).toEqual(whole);
  });

  test('replaces a file that is damaged', async () => {
    const dir = temporaryFolder();
    const path = join(dir, model.path);
    writeFileSync(path, smallModel(contents.length).contents);
    const { pulled } = await pullFrom(await startHub(serve(contents)), dir);
    expect(pulled).toMatchObject({ downloaded: true });
    expect(readFileSync(path).equals(contents)).toBe(true);
  });

  test('needs room for the file before it begins', async () => {
    const hub = await startHub(serve(contents));
    const huge = { ...model, bytes: 2 ** 60 };
    const dir = temporaryFolder();
    const pulled = pullModel(huge, { dir, hubUrl: hub.url, patience });
    await expect(pulled).rejects.toMatchObject({ code: 'disk_full' });
    expect(hub.requests).toEqual([]);
  });

  test('stops where it is told to, and keeps what it has', async () => {
    const stop = new AbortController();
    const hub = await startHub((_request, response) => {
      response.writeHead(200, { 'content-length': contents.length, etag: '"one"' });
      response.write(contents.subarray(0, half), () => stop.abort());
    });
    const dir = temporaryFolder();
    const pulled = pullModel(model, { dir, hubUrl: hub.url, patience, signal: stop.signal });
    await expect(pulled).rejects.toThrow(/abort/);
    expect(readdirSync(dir)).not.toContain(model.path);
    expect(readdirSync(dir)).not.toContain(`${model.path}.lock`);
  });

  test('by several at once loads the file once', async () => {
    const hub = await startHub(serve(contents));
    const dir = temporaryFolder();
    const pulls = [1, 2, 3].map(() => pullModel(model, { dir, hubUrl: hub.url, patience }));
    const downloaded = (await Promise.all(pulls)).filter((pulled) => pulled.downloaded);
    expect(downloaded).toHaveLength(1);
    expect(hub.requests).toHaveLength(1);
    expect(statSync(join(dir, model.path)).size).toBe(contents.length);
  });
});
