import { createdJobsSchema } from '../../src/http/jobs/job-schemas.js';
import type { JobView } from '../../src/jobs/index.js';

/** A file to upload. */
export interface NamedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** An event of a stream. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: unknown;
}

/** Uploads files as jobs; the answer as it came. */
export function postJobs(
  url: string,
  files: readonly NamedFile[],
  fields: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  for (const { name, bytes } of files) {
    form.append('file', new Blob([new Uint8Array(bytes)]), name);
  }
  return fetch(`${url}/v1/jobs`, { method: 'POST', body: form });
}

/** Uploads files that are accepted. */
export async function createJobs(
  url: string,
  files: readonly NamedFile[],
  fields: Readonly<Record<string, string>> = {},
): Promise<JobView[]> {
  const answer = await postJobs(url, files, fields);
  if (answer.status !== 201) throw new Error(`${answer.status}: ${await answer.text()}`);
  const { data } = createdJobsSchema.strict().parse(await answer.json());
  return data as JobView[];
}

/** Uploads one file that is accepted. */
export async function createJob(
  url: string,
  file: NamedFile,
  fields: Readonly<Record<string, string>> = {},
): Promise<JobView> {
  return (await createJobs(url, [file], fields))[0] as JobView;
}

export async function getJob(url: string, id: string): Promise<JobView> {
  return (await (await fetch(`${url}/v1/jobs/${id}`)).json()) as JobView;
}

/** The code of an answer that refuses something, after its status. */
export async function refusal(answer: Response): Promise<string> {
  const body = (await answer.json()) as { error: { code: string } };
  return `${answer.status} ${body.error.code}`;
}

/** Events as they come, until the server ends them. */
export async function* eventsOf(address: string): AsyncGenerator<ServerSentEvent> {
  const { body } = await fetch(address);
  let text = '';
  for await (const piece of (body as ReadableStream<Uint8Array>).pipeThrough(
    new TextDecoderStream(),
  )) {
    text += piece;
    const blocks = text.split('\n\n');
    text = blocks.pop() as string;
    for (const block of blocks) {
      const [, event] = /^event: (.*)$/m.exec(block) ?? [];
      const [, data] = /^data: (.*)$/m.exec(block) ?? [];
      if (event && data) yield { event, data: JSON.parse(data) };
    }
  }
}

/** A job when it is in one of these states; also where it ended in another. */
export async function jobIn(url: string, id: string, ...states: string[]): Promise<JobView> {
  let latest: JobView | undefined;
  for await (const { event, data } of eventsOf(`${url}/v1/jobs/${id}/events`)) {
    if (event !== 'job') break;
    latest = data as JobView;
    if (states.includes(latest.state)) break;
  }
  return latest as JobView;
}

/** A job when it has ended. */
export function endedJob(url: string, id: string): Promise<JobView> {
  return jobIn(url, id, 'succeeded', 'failed', 'cancelled');
}

export async function resultOf(url: string, id: string, format = 'txt'): Promise<string> {
  return await (await fetch(`${url}/v1/jobs/${id}/result?format=${format}`)).text();
}
