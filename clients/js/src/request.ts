import { ClientError } from './client-error.js';
import { type Endpoint, tokenOf } from './endpoint.js';

/**
 * One HTTP request of the gateway.
 * @throws ClientError with the gateway's code, or `connection_failed`; what `init.signal` was aborted with.
 */
export async function request(
  endpoint: Endpoint,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  const url = new URL(path, endpoint.url);
  const token = await tokenOf(endpoint);
  const headers = new Headers(init.headers);
  if (token) headers.set('authorization', `Bearer ${token}`);
  let response: Response;
  try {
    response = await fetch(url, { ...init, headers });
  } catch (cause) {
    init.signal?.throwIfAborted();
    throw unreachable(url, cause);
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

export function unreachable(url: URL, cause?: unknown): ClientError {
  const message = `The gateway at ${url.host} cannot be reached.`;
  return new ClientError('connection_failed', message, { retryable: true, cause });
}

export async function requestJson<T>(
  endpoint: Endpoint,
  path: string,
  init?: RequestInit,
): Promise<T> {
  return parseAnswer(await requestText(endpoint, path, init));
}

/** The answer, read to its end. @throws ClientError as `request`, and `connection_lost`. */
export async function requestText(
  endpoint: Endpoint,
  path: string,
  init?: RequestInit,
): Promise<string> {
  const response = await request(endpoint, path, init);
  try {
    return await response.text();
  } catch (cause) {
    init?.signal?.throwIfAborted();
    throw brokenOff(cause);
  }
}

/** @throws ClientError `connection_lost` for what is not JSON to its end. */
export function parseAnswer<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw brokenOff(cause);
  }
}

/**
 * What is kept open gives a sign of life every 20 s at the latest: without any for so long, the connection
 * counts as lost.
 */
export const maxSilenceMs = 40_000;

/** An event as a server sends it. */
export interface SentEvent<T> {
  /** `message` where it has no name. */
  readonly event: string;
  readonly data: T;
}

/**
 * Server-sent events of a response, each with JSON in it.
 * @param silenceMs Without as much as a sign of life for so long, the connection counts as lost.
 * @throws ClientError `connection_lost`.
 */
export async function* readEvents<T>(
  { body }: Response,
  silenceMs = Number.POSITIVE_INFINITY,
): AsyncGenerator<SentEvent<T>> {
  if (!body) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  try {
    for (;;) {
      const { done, value } = await unlessSilent(reader.read(), silenceMs);
      if (done) return;
      const blocks = (text + value).split(/\r?\n\r?\n/);
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const data = valuesOf(block, 'data');
        if (data.length === 0) continue;
        const event = valuesOf(block, 'event').at(-1) ?? 'message';
        yield { event, data: JSON.parse(data.join('\n')) as T };
      }
    }
  } finally {
    // Whoever leaves early wants no more of it; a stream that broke cannot be told.
    await reader.cancel().catch(() => {});
  }
}

/** The values of a field in an event. */
function valuesOf(block: string, field: string): string[] {
  return block
    .split(/\r?\n/)
    .filter((line) => line.startsWith(`${field}:`))
    .map((line) => line.slice(field.length + 1).trimStart());
}

/** What was read. @throws ClientError `connection_lost`; what the reader was aborted with. */
async function unlessSilent<T>(read: Promise<T>, silenceMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    if (silenceMs < Number.POSITIVE_INFINITY) timer = setTimeout(reject, silenceMs);
  });
  try {
    return await Promise.race([read, silence]);
  } catch (cause) {
    if ((cause as Error | undefined)?.name === 'AbortError') throw cause;
    throw brokenOff(cause);
  } finally {
    clearTimeout(timer);
  }
}

function brokenOff(cause: unknown): ClientError {
  const message = 'The connection to the gateway was lost.';
  return new ClientError('connection_lost', message, { retryable: true, cause });
}

async function refusal(response: Response): Promise<ClientError> {
  const retryAfter = response.headers.get('retry-after');
  return refusalOf(response.status, await response.text().catch(() => ''), retryAfter);
}

/** The error that an answer stands for, with the code and the sentence of the gateway where it has them. */
export function refusalOf(status: number, body: string, retryAfter: string | null): ClientError {
  const { error } = parseRefusal(body);
  const seconds = Number(retryAfter);
  return new ClientError(
    error?.code ?? 'internal_error',
    error?.message ?? `The gateway answered ${status}.`,
    {
      status,
      retryable: status === 408 || status === 429 || status >= 500,
      retryAfterMs: seconds > 0 ? seconds * 1_000 : undefined,
    },
  );
}

function parseRefusal(body: string): { error?: { code?: string; message?: string } } {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    // A proxy on the way answers as it likes.
    return {};
  }
}
