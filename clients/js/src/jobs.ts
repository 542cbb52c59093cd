import { readEvents, request, requestJson } from './request.js';
import type { Endpoint } from './web-socket.js';

/** A file that is transcribed in its own time; see the gateway's docs/jobs.md for every field. */
export interface Job {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly [field: string]: unknown;
}

export interface JobList {
  readonly data: readonly Job[];
  readonly has_more: boolean;
  /** For `after` of the next page. */
  readonly next: string | null;
}

/** `/v1/jobs` as it is. Every function throws a `ClientError` of the gateway. */
export interface Jobs {
  create(
    files: readonly Blob[],
    fields?: Readonly<Record<string, string>>,
  ): Promise<readonly Job[]>;
  list(query?: Readonly<Record<string, string>>): Promise<JobList>;
  get(id: string): Promise<Job>;
  cancel(id: string): Promise<Job>;
  retry(id: string): Promise<Job>;
  delete(id: string): Promise<void>;
  result(id: string, format: 'txt' | 'srt' | 'vtt' | 'tsv' | 'json'): Promise<string>;
  /** Of one job, or of all; until the job is over, the reader leaves or `signal` is aborted. */
  events(id?: string, signal?: AbortSignal): AsyncGenerator<Readonly<Record<string, unknown>>>;
}

export function createJobs(endpoint: Endpoint): Jobs {
  const at = (id: string, rest = '') => `/v1/jobs/${encodeURIComponent(id)}${rest}`;
  const post = (path: string) => requestJson<Job>(endpoint, path, { method: 'POST' });
  return {
    async create(files, fields = {}) {
      const body = new FormData();
      for (const [name, value] of Object.entries(fields)) body.append(name, value);
      for (const file of files) body.append('file', file);
      const init = { method: 'POST', body };
      return (await requestJson<JobList>(endpoint, '/v1/jobs', init)).data;
    },
    list: (query = {}) => requestJson(endpoint, `/v1/jobs?${new URLSearchParams(query)}`),
    get: (id) => requestJson(endpoint, at(id)),
    cancel: (id) => post(at(id, '/cancel')),
    retry: (id) => post(at(id, '/retry')),
    async delete(id) {
      await request(endpoint, at(id), { method: 'DELETE' });
    },
    async result(id, format) {
      return (await request(endpoint, at(id, `/result?format=${format}`))).text();
    },
    async *events(id, signal) {
      const path = id === undefined ? '/v1/jobs/events' : at(id, '/events');
      yield* readEvents(await request(endpoint, path, signal ? { signal } : {}));
    },
  };
}
