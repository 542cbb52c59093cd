import { type Endpoint, tokenOf } from './endpoint.js';
import { parseAnswer, refusalOf, requestJson, unreachable } from './request.js';

export interface UploadOptions {
  /** Ends it; what is thrown then is an `AbortError`. */
  readonly signal?: AbortSignal;
  /** Called while a browser sends; elsewhere only at the end. Both numbers are bytes of the whole form. */
  readonly onProgress?: (sent: number, total: number) => void;
}

/**
 * Posts a form. @returns The JSON of the answer.
 * @throws ClientError of the gateway, `connection_failed`, `connection_lost`.
 */
export async function upload<T>(
  endpoint: Endpoint,
  path: string,
  body: FormData,
  options: UploadOptions = {},
): Promise<T> {
  const { signal, onProgress } = options;
  // fetch() tells nothing of what it has sent.
  if (onProgress && typeof XMLHttpRequest !== 'undefined') {
    return parseAnswer(await post(endpoint, path, body, { signal, onProgress }));
  }
  const init = { method: 'POST', body, ...(signal && { signal }) };
  return requestJson(endpoint, path, init);
}

interface Watched {
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (sent: number, total: number) => void;
}

async function post(
  endpoint: Endpoint,
  path: string,
  body: FormData,
  { signal, onProgress }: Watched,
): Promise<string> {
  const url = new URL(path, endpoint.url);
  const token = await tokenOf(endpoint);
  signal?.throwIfAborted();
  const sending = new XMLHttpRequest();
  const abort = () => sending.abort();
  signal?.addEventListener('abort', abort);
  try {
    return await new Promise((resolve, reject) => {
      sending.open('POST', url);
      if (token) sending.setRequestHeader('authorization', `Bearer ${token}`);
      sending.upload.onprogress = ({ loaded, total }) => onProgress(loaded, total);
      sending.onerror = () => reject(unreachable(url));
      sending.onabort = () => reject(signal?.reason ?? unreachable(url));
      sending.onload = () => {
        const { status, responseText } = sending;
        if (status >= 200 && status < 300) resolve(responseText);
        else reject(refusalOf(status, responseText, sending.getResponseHeader('retry-after')));
      };
      sending.send(body);
    });
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
