import { execFile } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/config/index.js';
import { jfkPath, jfkText } from '../support/jfk.js';
import { ask, makeKey, operatorKey } from '../support/keys.js';
import {
  type Document,
  openApiChecker,
  operationOf,
  operationsOf,
} from '../support/openapi-checker.js';
import { startGateway } from '../support/start-gateway.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { countErrors } from '../support/word-error-rate.js';

const page = readFileSync(join(packageRoot, 'docs/http.md'), 'utf8');
const commands = [...page.matchAll(/^```sh\n(.*?)^```$/gms)]
  .flatMap(([, block]) => (block as string).split('\n'))
  .filter((line) => line.startsWith('curl '));

test('docs/http.md has a curl line for every route, each answered as the OpenAPI document says', async () => {
  // The page unloads the only model there is, and makes a key, from which on one is needed.
  const gateway = await startGateway({ keepDefaultModel: 'while_used', apiKey: operatorKey });
  const document = (await (await ask(gateway, '/openapi.json', operatorKey)).json()) as Document;
  const { id } = await makeKey(gateway, ['watch']);
  const problemOf = openApiChecker(document);
  const folder = temporaryFolder();
  copyFileSync(jfkPath, join(folder, 'speech.mp3'));
  const shown = new Set<string | undefined>();
  for (const command of commands) {
    const line = command
      .replace(/^curl /, `curl --fail-with-body --silent --show-error -w '%{stderr}${told}' `)
      .replace(/^curl /, `curl -H 'authorization: Bearer ${operatorKey}' `)
      .replace('http://127.0.0.1:8080', gateway.url);
    const { stdout: body, stderr } = await promisify(execFile)('/bin/sh', ['-c', line], {
      cwd: folder,
      env: { PATH: process.env.PATH ?? '', ID: id },
      maxBuffer: 16 * 1024 * 1024,
    });
    const [method = '', url = '', status, contentType = ''] = stderr.split('\n');
    const operation = operationOf(document, method, url);
    shown.add(operation);
    const answer = { status: Number(status), contentType, body };
    expect(problemOf(operation ?? line, answer), command).toBeNull();
    if (/audio\/trans/.test(url)) {
      expect(countErrors(jfkText, textOf(body)).edits, command).toBeLessThanOrEqual(2);
    }
  }
  // Jobs and rooms have pages, and tests, of their own.
  const elsewhere = / \/v1\/(jobs|rooms)/;
  const here = operationsOf(document).filter((operation) => !elsewhere.test(operation));
  expect([...shown].sort()).toEqual(here.sort());
});

/** What curl tells of an answer, beside its body. */
const told = ['method', 'url_effective', 'http_code', 'content_type']
  .map((name) => `%{${name}}`)
  .join('\\n');

test('errors are as the OpenAPI document says', async () => {
  const gateway = await startGateway();
  const document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as Document;
  const problemOf = openApiChecker(document);
  const json = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const form = new FormData();
  form.set('model', 'whisper-1');
  form.set('file', new Blob(['not audio']), 'x.mp3');
  const requests: [string, RequestInit][] = [
    ['/v1/models/nothing', {}],
    ['/v1/audio/speech', { ...json, body: '{}' }],
    ['/v1/audio/speech', { method: 'POST', body: 'text' }],
    ['/v1/audio/transcriptions', { ...json, body: '{}' }],
    ['/v1/audio/transcriptions', { method: 'POST', body: form }],
    ['/v1/audio/translations', { method: 'POST', body: form }],
    ['/v1/admin/slots', { ...json, method: 'PUT', body: '{"slots": 0}' }],
  ];
  for (const [path, request] of requests) {
    const response = await fetch(gateway.url + path, request);
    const operation = operationOf(document, request.method ?? 'GET', response.url);
    const contentType = response.headers.get('content-type');
    const answer = { status: response.status, contentType, body: await response.text() };
    expect(response.status, path).toBeGreaterThanOrEqual(400);
    expect(problemOf(operation ?? path, answer), path).toBeNull();
  }
  // What checks can find something.
  const wrong = { status: 200, contentType: 'application/json', body: '{"status": "fine"}' };
  expect(problemOf('GET /health', wrong)).toMatch(/status/);
});

/** What is said in an answer, in whatever format it is. */
function textOf(answer: string): string {
  if (answer.startsWith('{')) return JSON.parse(answer).text;
  const done = /"type":"transcript\.text\.done","text":"([^"]*)"/.exec(answer);
  if (done) return done[1] as string;
  const lines = answer.split('\n').filter((line) => !/^(WEBVTT|\d+|.* --> .*)$/.test(line));
  return lines.join(' ');
}
