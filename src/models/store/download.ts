import { setTimeout as wait } from 'node:timers/promises';
import { GatewayError } from '../../errors/index.js';
import type { HubAnswer, HubClient } from './hub-client.js';
import { append, PartFile } from './part-file.js';

/** How long a download is kept up with a server that fails. */
export interface Patience {
  /** Longest time without a byte. */
  readonly stallMs: number;
  /** Tries in a row that brought nothing new; then it fails. */
  readonly tries: number;
  /** Wait before another try; doubles with each that brought nothing. */
  readonly delayMs: number;
  readonly maxDelayMs: number;
}

const defaultPatience: Patience = {
  stallMs: 30_000,
  tries: 6,
  delayMs: 1_000,
  maxDelayMs: 30_000,
};

export interface Download {
  readonly url: string;
  /** Where the file will be. It grows beside it, where what an earlier try left is continued. */
  readonly target: string;
  readonly bytes: number;
  readonly patience?: Patience;
  readonly signal: AbortSignal;
  readonly onProgress?: (bytes: number) => void;
  /** Called before another try, with what went wrong in plain words. */
  readonly onRetry?: (reason: string) => void;
}

/** What another try may mend. */
class Interrupted extends Error {
  readonly retryAfterMs: number;

  constructor(reason: string, retryAfterMs = 0) {
    super(reason);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Statuses that say "not now" rather than "never". */
const passing = new Set([408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524]);

/**
 * Downloads a file of known length into its part file, through dropped connections, stalls and busy
 * servers; what one try brought the next one continues, also that of another process.
 * @returns The whole part file.
 * @throws GatewayError `model_download_failed` or `disk_full`.
 */
export async function download(wanted: Download): Promise<PartFile> {
  const patience = wanted.patience ?? defaultPatience;
  const part = new PartFile(wanted.target);
  let most = await part.size();
  // Whoever brought the last byte ended before it could be checked.
  if (most === wanted.bytes) return part;
  // Imported here: a gateway only reads models, and needs no client for them.
  const { createHubClient } = await import('./hub-client.js');
  const client = createHubClient(patience.stallMs);
  try {
    for (let fruitless = 0; ; ) {
      const failure = await attempt(wanted, part, client);
      if (!failure) return part;
      // More than ever before, that is: a server that always starts anew and drops gets nowhere.
      const size = await part.size();
      fruitless = size > most ? 0 : fruitless + 1;
      most = Math.max(most, size);
      if (fruitless >= patience.tries) throw failed(wanted.url, failure.message);
      wanted.onRetry?.(failure.message);
      await wait(delayOf(failure, fruitless, patience), undefined, { signal: wanted.signal });
    }
  } finally {
    await client.close();
  }
}

/** One request. What another may mend is returned, what none can is thrown. */
async function attempt(
  wanted: Download,
  part: PartFile,
  client: HubClient,
): Promise<Interrupted | null> {
  const resumable = await part.resumable();
  try {
    const headers = resumable
      ? { range: `bytes=${resumable.bytes}-`, 'if-range': resumable.validator }
      : {};
    const answer = await client.get(wanted.url, headers, wanted.signal);
    try {
      await receive(wanted, part, answer, resumable?.bytes ?? 0);
    } finally {
      answer.discard();
    }
    return null;
  } catch (error) {
    wanted.signal.throwIfAborted();
    return asInterrupted(error);
  }
}

async function receive(
  wanted: Download,
  part: PartFile,
  answer: HubAnswer,
  asked: number,
): Promise<void> {
  const { start, total } = await rangeOf(wanted, part, answer, asked);
  if (total !== null && total !== wanted.bytes) {
    throw failed(wanted.url, `it has ${total} bytes there instead of ${wanted.bytes}`);
  }
  const file = await part.openAt(start, validatorOf(answer));
  try {
    let bytes = start;
    wanted.onProgress?.(bytes);
    for await (const chunk of answer.body) {
      bytes += chunk.length;
      if (bytes > wanted.bytes) {
        throw failed(wanted.url, `more than the ${wanted.bytes} bytes of the file came`);
      }
      await append(file, chunk);
      wanted.onProgress?.(bytes);
    }
    if (bytes < wanted.bytes) throw new Interrupted('the answer ended early');
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Where in the file the answer begins, and how long the server says that the file is. */
async function rangeOf(
  { url }: Download,
  part: PartFile,
  answer: HubAnswer,
  asked: number,
): Promise<{ start: number; total: number | null }> {
  const { status } = answer;
  if (status === 200) return { start: 0, total: numberIn(answer.header('content-length')) };
  if (status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.header('content-range') ?? '');
    if (range && Number(range[1]) === asked) return { start: asked, total: numberIn(range[2]) };
  }
  if (status === 206 || status === 416) {
    await part.remove();
    throw new Interrupted('the server could not continue where it was, so it starts anew');
  }
  if (passing.has(status)) {
    throw new Interrupted(`the server answers ${status}`, retryAfterMs(answer));
  }
  throw failed(url, `the server answers ${status}`);
}

/** An ETag that may stand for the bytes, or the date, which RFC 9110 allows where there is none. */
function validatorOf(answer: HubAnswer): string | null {
  const etag = answer.header('etag');
  if (etag?.startsWith('"')) return etag;
  return answer.header('last-modified');
}

function delayOf(failure: Interrupted, fruitless: number, patience: Patience): number {
  const doubled = patience.delayMs * 2 ** Math.max(0, fruitless - 1);
  // A little apart, so that many who were dropped together do not come back together.
  const apart = doubled * (0.8 + 0.4 * Math.random());
  return Math.min(Math.max(apart, failure.retryAfterMs), patience.maxDelayMs);
}

function retryAfterMs(answer: HubAnswer): number {
  return (numberIn(answer.header('retry-after')) ?? 0) * 1_000;
}

function numberIn(text: string | null | undefined): number | null {
  return text && /^\d+$/.test(text) ? Number(text) : null;
}

/** Errors of the connection. Those of ours and of the disk are no matter of trying again. */
function asInterrupted(error: unknown): Interrupted {
  if (error instanceof Interrupted) return error;
  if (error instanceof GatewayError) throw error;
  const { code, message, syscall } = error as NodeJS.ErrnoException;
  if (syscall && diskCalls.has(syscall)) throw error;
  return new Interrupted(describe(code, message));
}

const diskCalls = new Set(['open', 'write', 'fsync', 'close', 'stat', 'unlink', 'rm']);

function describe(code: string | undefined, message: string): string {
  switch (code) {
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return 'the server does not answer';
    case 'UND_ERR_BODY_TIMEOUT':
      return 'nothing came for too long';
    case 'UND_ERR_SOCKET':
    case 'ECONNRESET':
      return 'the connection was dropped';
    case 'ECONNREFUSED':
      return 'the connection was refused';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the name of the server could not be looked up';
    default:
      return message;
  }
}

function failed(url: string, reason: string): GatewayError {
  return new GatewayError('model_download_failed', {
    message: `${url} could not be downloaded: ${reason}.`,
  });
}
