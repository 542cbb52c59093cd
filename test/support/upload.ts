import { readdirSync, readlinkSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import type { Gateway } from '../../src/gateway/index.js';
import type { Stats } from '../../src/http/index.js';
import { jfkMp3 } from './jfk.js';

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Path = '/v1/audio/transcriptions' | '/v1/audio/translations' | '/v1/jobs';
type Field = readonly [name: string, value: string | File];

/** The 11 s clip as a form's file. */
export const jfkUpload: Field = ['file', new File([jfkMp3], 'jfk.mp3')];

/** Sends a form as browsers do. */
export function postForm(
  { url }: Pick<Gateway, 'url'>,
  fields: readonly Field[],
  { path = '/v1/audio/transcriptions' as Path, signal = new AbortController().signal } = {},
): Promise<Response> {
  const body = new FormData();
  for (const [name, value] of fields) body.append(name, value);
  return fetch(`${url}${path}`, { method: 'POST', body, signal });
}

const boundary = 'a-line-between';
export const formType = `multipart/form-data; boundary=${boundary}`;

/** The beginning of a form, up to the first byte of its file. */
export function fileHead(disposition = 'name="file"; filename="speech.mp3"'): string {
  return `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`;
}

/** The rest of a form, behind the last byte of its file. */
export const fileTail = `\r\n${field('model', 'whisper-1')}--${boundary}--\r\n`;

function field(name: string, value: string): string {
  return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
}

/** Sends any bytes at any pace, and gives the answer, whether or not all of them were taken. */
export function postRaw(
  { url }: Pick<Gateway, 'url'>,
  body: Iterable<string | Buffer> | AsyncIterable<string | Buffer>,
  headers: Record<string, string> = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${url}/v1/audio/transcriptions`, {
      method: 'POST',
      headers: { 'content-type': formType, ...headers },
      agent: false,
    });
    const source = Readable.from(body, { objectMode: false });
    request.once('response', (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      text(response)
        .then((answer) => resolve({ status, headers: answered, body: answer }))
        .catch(reject)
        .finally(() => {
          source.destroy();
          request.destroy();
        });
    });
    // After an answer it says only that nobody reads on.
    request.on('error', reject);
    source.on('error', () => {});
    source.pipe(request);
  });
}

/** What an error's answer says; fails where it is not in OpenAI's shape, to the letter. */
export function errorOf(answer: { readonly body: string }) {
  const { error, ...rest } = JSON.parse(answer.body);
  expect(rest).toEqual({});
  expect(Object.keys(error).sort()).toEqual(['code', 'message', 'param', 'type']);
  expect(error.message).toMatch(/^\S.*\.$/s);
  return error as { message: string; type: string; param: string | null; code: string };
}

/** No file, no open descriptor, no ffmpeg and no work is left of any request. @param folder UPLOAD_DIR. */
export async function expectNothingLeft({ url }: Gateway, folder: string): Promise<void> {
  await expect.poll(() => openFilesIn(folder)).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
  await expect
    .poll(async () => (await fetch(`${url}/metrics`)).text())
    .toMatch(/^whisper_gateway_ffmpeg_children 0$/m);
  const stats = (await (await fetch(`${url}/v1/stats`)).json()) as Stats;
  expect([stats.active_tasks, stats.lanes.batch.waiting]).toEqual([0, 0]);
}

/** Files of the folder that this process has open, with or without a name. */
export function openFilesIn(folder: string): string[] {
  return readdirSync('/proc/self/fd')
    .map((descriptor) => {
      try {
        return readlinkSync(`/proc/self/fd/${descriptor}`);
      } catch {
        return '';
      }
    })
    .filter((path) => path.startsWith(folder));
}
