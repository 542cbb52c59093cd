import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { catalog, type ErrorEntry } from '../../errors/index.js';
import type { JobView } from '../../jobs/index.js';

/** Divides the parts of a form; what it looks like is of no matter, as long as no file holds it. */
const boundary = 'whisper-gateway-4f1d6c1b7a3e49d2';

/** The gateway did not do what it was asked for. The message is for people. */
export class RequestFailed extends Error {
  /** Whether the same request may work later. */
  readonly temporary: boolean;

  constructor(message: string, temporary: boolean) {
    super(message);
    this.temporary = temporary;
  }
}

/** What is asked of a gateway about its jobs. */
export interface JobClient {
  find(reference: string): Promise<JobView | undefined>;
  create(path: string, name: string, fields: Readonly<Record<string, string>>): Promise<JobView>;
  get(id: string): Promise<JobView>;
  retry(id: string): Promise<JobView>;
  result(id: string, format: string): Promise<string>;
}

/**
 * @param signal Ends every request.
 * @throws From its methods: RequestFailed; what the file system says; an AbortError.
 */
export function createJobClient(
  gateway: string,
  apiKey: string | undefined,
  signal: AbortSignal,
): JobClient {
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    if (apiKey !== undefined) headers.set('authorization', `Bearer ${apiKey}`);
    const answer = await fetch(new URL(path, gateway), { ...init, headers, signal }).catch(
      (error) => {
        throw signal.aborted ? error : unreachable(gateway, error);
      },
    );
    if (!answer.ok) throw await refusal(answer);
    return answer;
  };
  return {
    async find(reference) {
      const query = new URLSearchParams({ reference, limit: '1' });
      const { data } = (await (await ask(`/v1/jobs?${query}`)).json()) as { data: JobView[] };
      return data[0];
    },
    async create(path, name, fields) {
      const body = form(path, name, fields);
      const { size } = await stat(path);
      const head = Buffer.byteLength(body.head) + Buffer.byteLength(body.tail);
      const answer = await ask('/v1/jobs', {
        method: 'POST',
        headers: {
          'content-type': `multipart/form-data; boundary=${boundary}`,
          'content-length': String(size + head),
        },
        body: body.bytes(),
        duplex: 'half',
      } as unknown as RequestInit);
      const { data } = (await answer.json()) as { data: [JobView] };
      return data[0];
    },
    get: async (id) => (await (await ask(`/v1/jobs/${id}`)).json()) as JobView,
    retry: async (id) =>
      (await (await ask(`/v1/jobs/${id}/retry`, { method: 'POST' })).json()) as JobView,
    result: async (id, format) =>
      await (await ask(`/v1/jobs/${id}/result?format=${format}`)).text(),
  };
}

/** Whether the same may work later. @param code Of a gateway, which may be newer than this. */
export function isTemporary(code: string): boolean {
  return (catalog as Readonly<Record<string, ErrorEntry>>)[code]?.retryable ?? false;
}

function form(path: string, name: string, fields: Readonly<Record<string, string>>) {
  const field = ([key, value]: [string, string]) =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`;
  // As browsers write names (WHATWG HTML, multipart/form-data).
  const quoted = name.replace(/[\r\n"]/g, (it) => encodeURIComponent(it));
  const file =
    `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${quoted}"\r\n` +
    'content-type: application/octet-stream\r\n\r\n';
  const head = Object.entries(fields).map(field).join('') + file;
  const tail = `\r\n--${boundary}--\r\n`;
  async function* bytes() {
    yield Buffer.from(head);
    yield* createReadStream(path);
    yield Buffer.from(tail);
  }
  return { head, tail, bytes };
}

function unreachable(gateway: string, { message, cause }: Error): RequestFailed {
  // fetch has no words of its own for it.
  const { code = message } = (cause ?? {}) as { code?: string };
  return new RequestFailed(`The gateway at ${gateway} cannot be reached: ${code}.`, true);
}

async function refusal(answer: Response): Promise<RequestFailed> {
  const text = await answer.text();
  try {
    const { error } = JSON.parse(text) as { error: { message: string; code: string } };
    if (Object.hasOwn(catalog, error.code)) {
      return new RequestFailed(`${error.message} (${error.code})`, isTemporary(error.code));
    }
  } catch {
    // Told below.
  }
  // Whoever that was, it was no gateway of ours; a proxy, perhaps, before one that is away.
  return new RequestFailed(`The gateway answered with ${answer.status}.`, answer.status >= 500);
}
