import { EnvHttpProxyAgent, interceptors, request } from 'undici';
import { version } from '../../config/index.js';

const maxRedirects = 5;

/** A server's answer to the request for a file, or for the rest of one. */
export interface HubAnswer {
  readonly status: number;
  header(name: string): string | null;
  /** Ends with an error where the connection does, or where nothing came for too long. */
  readonly body: AsyncIterable<Buffer>;
  /** Lets go of the connection; whatever else would come is of no interest. */
  discard(): void;
}

export interface HubClient {
  /** Follows redirects. Rejects where no answer comes. */
  get(url: string, headers: Record<string, string>, signal: AbortSignal): Promise<HubAnswer>;
  close(): Promise<void>;
}

/**
 * An HTTP client for large files. It goes through the proxy that `HTTPS_PROXY` and its like name.
 * @param stallMs Longest wait for an answer, and between two pieces of one.
 */
export function createHubClient(stallMs: number): HubClient {
  const agent = new EnvHttpProxyAgent({
    headersTimeout: stallMs,
    bodyTimeout: stallMs,
    connect: { timeout: stallMs },
  });
  const dispatcher = agent.compose(interceptors.redirect({ maxRedirections: maxRedirects }));
  return {
    async get(url, headers, signal) {
      const answer = await request(url, {
        dispatcher,
        signal,
        // A packed answer would have another length than the file.
        headers: {
          'user-agent': `whisper-gateway/${version}`,
          'accept-encoding': 'identity',
          ...headers,
        },
      });
      return {
        status: answer.statusCode,
        header: (name) => [answer.headers[name]].flat()[0] ?? null,
        body: answer.body,
        discard: () => void answer.body.on('error', () => {}).destroy(),
      };
    },
    close: () => agent.destroy(),
  };
}
