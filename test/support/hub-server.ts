import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What the hub does with one request. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface HubServer {
  readonly url: string;
  /** Every request so far. */
  readonly requests: IncomingMessage[];
}

/**
 * A hub on a free port: the first request gets the first answer and so on, further ones the last.
 * Closed when the test is over.
 */
export async function startHub(...answers: [Answer, ...Answer[]]): Promise<HubServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)] as Answer;
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** A server as it should be: ranges, and a validator by which they can be asked for. */
export function serve(file: Buffer, etag = '"one"'): Answer {
  return (request, response) => {
    const from = rangeStart(request, etag);
    if (from === null) {
      response.writeHead(200, { 'content-length': file.length, etag }).end(file);
    } else if (from >= file.length) {
      response.writeHead(416, { 'content-range': `bytes */${file.length}` }).end();
    } else {
      const headers = {
        'content-length': file.length - from,
        'content-range': `bytes ${from}-${file.length - 1}/${file.length}`,
        etag,
      };
      response.writeHead(206, headers).end(file.subarray(from));
    }
  };
}

/** Serves each file under its path. */
export function serveFiles(files: Readonly<Record<string, Buffer>>): Answer {
  return (request, response) => {
    const file = files[request.url ?? ''];
    const answer = file ? serve(file) : answerStatus(404);
    answer(request, response);
  };
}

const breakDelayMs = 200;

/** As `serve`, but the connection breaks after so many bytes of the answer. */
export function breakAfter(bytes: number, file: Buffer, etag = '"one"'): Answer {
  return (request, response) => {
    const from = rangeStart(request, etag) ?? 0;
    const headers = {
      'content-length': file.length - from,
      etag,
      ...(from > 0 && { 'content-range': `bytes ${from}-${file.length - 1}/${file.length}` }),
    };
    response.writeHead(from > 0 ? 206 : 200, headers);
    // Well behind them: what a client has received and not read is lost to it where a connection breaks.
    response.write(file.subarray(from, from + bytes), () => {
      setTimeout(() => response.socket?.destroySoon(), breakDelayMs);
    });
  };
}

export function answerStatus(status: number, headers: Record<string, string> = {}): Answer {
  return (_request, response) => void response.writeHead(status, headers).end();
}

function rangeStart({ headers }: IncomingMessage, etag: string): number | null {
  const range = /^bytes=(\d+)-$/.exec(headers.range ?? '');
  return range && headers['if-range'] === etag ? Number(range[1]) : null;
}
