import { ClientError } from './client-error.js';
import { type Endpoint, tokenOf } from './web-socket.js';

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
    const message = `The gateway at ${url.host} cannot be reached.`;
    throw new ClientError('connection_failed', message, { retryable: true, cause });
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

export async function requestJson<T>(
  endpoint: Endpoint,
  path: string,
  init?: RequestInit,
): Promise<T> {
  const response = await request(endpoint, path, init);
  return (await response.json()) as T;
}

/** Server-sent events of a response, each with JSON in it. */
export async function* readEvents<T>({ body }: Response): AsyncGenerator<T> {
  if (!body) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (text + value).split(/\r?\n\r?\n/);
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const data = block
          .split(/\r?\n/)
          .filter((line) => line.startsWith('data:'))
          .map((line) => line.slice(5).trimStart());
        if (data.length > 0) yield JSON.parse(data.join('\n')) as T;
      }
    }
  } finally {
    // Whoever leaves early wants no more of it.
    await reader.cancel();
  }
}

async function refusal(response: Response): Promise<ClientError> {
  const body = (await response.json().catch(() => null)) as {
    error?: { code?: string; message?: string };
  } | null;
  const seconds = Number(response.headers.get('retry-after'));
  return new ClientError(
    body?.error?.code ?? 'internal_error',
    body?.error?.message ?? `The gateway answered ${response.status}.`,
    {
      status: response.status,
      retryable: response.status === 408 || response.status === 429 || response.status >= 500,
      retryAfterMs: seconds > 0 ? seconds * 1_000 : undefined,
    },
  );
}
