import { ClientError } from './client-error.js';
import type { Endpoint } from './endpoint.js';
import { readEvents, request, requestJson } from './request.js';

export interface TranscriptionOptions {
  /** A name that `models()` lists. @default 'whisper-1', the gateway's own */
  readonly model?: string;
  /** ISO 639-1 code, or `auto`. */
  readonly language?: string;
  /** Text or terms that help the model. */
  readonly prompt?: string;
  /** `split` transcribes each channel by itself. */
  readonly channels?: 'mixed' | 'split';
  readonly task?: 'transcribe' | 'translate';
  readonly signal?: AbortSignal;
}

export interface TranscribedSegment {
  /** Seconds from the beginning. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** 1, 2 …; only where channels were transcribed one by one. */
  readonly channel?: number;
}

export interface TranscribedWord {
  readonly word: string;
  /** Seconds from the beginning. */
  readonly start: number;
  readonly end: number;
  readonly channel?: number;
}

export interface FileTranscript {
  readonly text: string;
  readonly language: string;
  /** Seconds. */
  readonly duration: number;
  readonly segments: readonly TranscribedSegment[];
  readonly words?: readonly TranscribedWord[];
}

/** What is heard of a file while it is being transcribed. The deltas together are the text. */
export type TranscriptionEvent =
  | { readonly type: 'transcript.text.delta'; readonly delta: string }
  | ({ readonly type: 'transcript.text.segment'; readonly id: string } & TranscribedSegment)
  | { readonly type: 'transcript.text.done'; readonly text: string };

/** A whole file. @throws ClientError of the gateway. */
export function transcribe(
  endpoint: Endpoint,
  file: Blob,
  options: TranscriptionOptions = {},
): Promise<FileTranscript> {
  const body = form(file, options);
  body.append('response_format', 'verbose_json');
  if (options.task !== 'translate') {
    for (const kind of ['word', 'segment']) body.append('timestamp_granularities[]', kind);
  }
  return requestJson(endpoint, path(options), { method: 'POST', body, ...signalOf(options) });
}

/** A whole file, with its text as it comes. @throws ClientError of the gateway. */
export async function* transcribeStream(
  endpoint: Endpoint,
  file: Blob,
  options: TranscriptionOptions = {},
): AsyncGenerator<TranscriptionEvent> {
  const body = form(file, options);
  body.append('stream', 'true');
  const init = { method: 'POST', body, ...signalOf(options) };
  const response = await request(endpoint, path(options), init);
  type Failure = { readonly error: { readonly code: string; readonly message: string } };
  for await (const { data } of readEvents<TranscriptionEvent | Failure>(response)) {
    if ('error' in data) throw new ClientError(data.error.code, data.error.message);
    yield data;
  }
}

function path({ task }: TranscriptionOptions): string {
  return task === 'translate' ? '/v1/audio/translations' : '/v1/audio/transcriptions';
}

function signalOf({ signal }: TranscriptionOptions): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}

function form(file: Blob, options: TranscriptionOptions): FormData {
  const body = new FormData();
  body.append('model', options.model ?? 'whisper-1');
  if (options.language && options.task !== 'translate') body.append('language', options.language);
  if (options.prompt) body.append('prompt', options.prompt);
  if (options.channels) body.append('channels', options.channels);
  body.append('file', file);
  return body;
}
