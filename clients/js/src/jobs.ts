import type { Endpoint } from './endpoint.js';
import type { Job, JobEvent, JobFormat, JobList } from './job.js';
import { JobFollower } from './job-follower.js';
import { maxSilenceMs, readEvents, request, requestJson, requestText } from './request.js';
import { tokenForAddress } from './tokens.js';
import type { FileTranscript } from './transcriptions.js';
import { type UploadOptions, upload } from './upload.js';

/** `/v1/jobs` as it is. Every function throws a `ClientError` of the gateway. */
export interface Jobs {
  /** @param fields Those of the form: `language`, `priority` and so on. */
  create(
    files: readonly Blob[],
    fields?: Readonly<Record<string, string>>,
    options?: UploadOptions,
  ): Promise<readonly Job[]>;
  list(query?: Readonly<Record<string, string>>): Promise<JobList>;
  get(id: string): Promise<Job>;
  /** Jobs of a higher priority (−100 … 100) go first. */
  prioritize(id: string, priority: number): Promise<Job>;
  cancel(id: string): Promise<Job>;
  retry(id: string): Promise<Job>;
  delete(id: string): Promise<void>;
  result(id: string, format: JobFormat): Promise<string>;
  /** The result with the times of every word. */
  transcript(id: string): Promise<FileTranscript>;
  /** Where a player gets the job's file from, with a token in it: players send no headers. */
  audioUrl(id: string): Promise<string>;
  /** Of one job, or of all; until the job is over, the reader leaves or `signal` is aborted. */
  events(id?: string, signal?: AbortSignal): AsyncGenerator<JobEvent>;
  /** Of all jobs, whatever becomes of the connection; connects at once. */
  follow(): JobFollower;
}

export function createJobs(endpoint: Endpoint): Jobs {
  const at = (id: string, rest = '') => `/v1/jobs/${encodeURIComponent(id)}${rest}`;
  const post = (path: string) => requestJson<Job>(endpoint, path, { method: 'POST' });
  const jobs: Jobs = {
    async create(files, fields = {}, options = {}) {
      const body = new FormData();
      for (const [name, value] of Object.entries(fields)) body.append(name, value);
      for (const file of files) body.append('file', file);
      return (await upload<JobList>(endpoint, '/v1/jobs', body, options)).data;
    },
    list: (query = {}) => requestJson(endpoint, `/v1/jobs?${new URLSearchParams(query)}`),
    get: (id) => requestJson(endpoint, at(id)),
    prioritize: (id, priority) =>
      requestJson(endpoint, at(id), {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ priority }),
      }),
    cancel: (id) => post(at(id, '/cancel')),
    retry: (id) => post(at(id, '/retry')),
    async delete(id) {
      await request(endpoint, at(id), { method: 'DELETE' });
    },
    result: (id, format) => requestText(endpoint, at(id, `/result?format=${format}`)),
    transcript: (id) => requestJson(endpoint, at(id, '/result?format=json&words=true')),
    async audioUrl(id) {
      const url = new URL(at(id, '/audio'), endpoint.url);
      const token = await tokenForAddress(endpoint, 'jobs');
      if (token) url.searchParams.set('token', token);
      return String(url);
    },
    async *events(id, signal) {
      const path = id === undefined ? '/v1/jobs/events' : at(id, '/events');
      const response = await request(endpoint, path, signal ? { signal } : {});
      for await (const { event, data } of readEvents<unknown>(response, maxSilenceMs)) {
        if (event === 'job') yield { type: 'job', job: data as Job };
        else if (event === 'deleted' || event === 'queue') {
          yield { type: event, ...(data as object) } as JobEvent;
        }
      }
    },
    follow: () => new JobFollower((signal) => jobs.events(undefined, signal)),
  };
  return jobs;
}
