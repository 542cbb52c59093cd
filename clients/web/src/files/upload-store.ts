import { batch, effect, type Signal, signal } from '@preact/signals';
import { ClientError } from '../../../js/src/index.js';
import { client, keyNeeded, modelIfThere } from '../gateway.js';
import { settings } from '../settings.js';
import { put } from './job-store.js';

export type UploadState = 'waiting' | 'sending' | 'pausing' | 'failed';

/** A file on its way to the gateway. */
export interface Upload {
  readonly key: number;
  readonly file: File;
  readonly fields: Readonly<Record<string, string>>;
  readonly state: Signal<UploadState>;
  /** 0 … 1. */
  readonly sent: Signal<number>;
  /** Why it failed, or is tried again. */
  readonly error: Signal<ClientError | null>;
  readonly abort: AbortController;
}

/** Files that are sent at the same time: more of them would only share the line. */
const maxSending = 2;
/** Tries in a row, where the gateway cannot be reached or breaks. */
const maxTries = 5;
const pauseMs = 3_000;

export const uploads = signal<readonly Upload[]>([]);
/** Priority of the files that come next. */
export const nextPriority = signal('0');

let keys = 0;

/** Queues files with what is chosen for them now. */
export function addFiles(files: readonly File[]): void {
  const { fileModel, fileLanguage, fileTask, fileChannels } = settings;
  const model = modelIfThere(fileModel.value);
  const fields = {
    ...(model && { model }),
    language: fileLanguage.value,
    task: fileTask.value,
    channels: fileChannels.value,
    priority: nextPriority.value,
  };
  const added = files.map(
    (file): Upload => ({
      key: ++keys,
      file,
      fields,
      state: signal<UploadState>('waiting'),
      sent: signal(0),
      error: signal<ClientError | null>(null),
      abort: new AbortController(),
    }),
  );
  uploads.value = [...uploads.value, ...added];
  fill();
}

/** Takes one out, whatever it is doing. */
export function dropUpload(upload: Upload): void {
  upload.abort.abort();
  uploads.value = uploads.value.filter((each) => each !== upload);
  fill();
}

export function sendAgain(upload: Upload): void {
  upload.state.value = 'waiting';
  fill();
}

export function dropAllUploads(): void {
  for (const { abort } of uploads.value) abort.abort();
  uploads.value = [];
}

// Files wait for a key as well.
effect(() => {
  if (!keyNeeded.value) fill();
});

// What is not sent yet is lost with the page.
addEventListener('beforeunload', (event) => {
  if (uploads.peek().some(({ state }) => state.peek() !== 'failed')) event.preventDefault();
});

function fill(): void {
  if (keyNeeded.peek()) return;
  const all = uploads.peek();
  const busy = all.filter(({ state }) => ['sending', 'pausing'].includes(state.peek())).length;
  const waiting = all.filter(({ state }) => state.peek() === 'waiting');
  for (const upload of waiting.slice(0, Math.max(0, maxSending - busy))) void send(upload);
}

async function send(upload: Upload): Promise<void> {
  const { file, fields, state, sent, error, abort } = upload;
  for (let tries = 1; !abort.signal.aborted; tries++) {
    batch(() => {
      state.value = 'sending';
      sent.value = 0;
    });
    try {
      const [job] = await client.jobs.create([file], fields, {
        signal: abort.signal,
        onProgress: (bytes, total) => {
          sent.value = bytes / total;
        },
      });
      if (job) put(job);
      uploads.value = uploads.value.filter((each) => each !== upload);
      break;
    } catch (thrown) {
      if (abort.signal.aborted) return;
      error.value = asClientError(thrown);
      if (error.value.code === 'invalid_api_key') {
        state.value = 'waiting';
        keyNeeded.value = true;
        return;
      }
      // A full queue empties by itself.
      const isFull = error.value.code === 'queue_full';
      if (!isFull && (!error.value.retryable || tries >= maxTries)) {
        state.value = 'failed';
        break;
      }
      state.value = 'pausing';
      await pause(error.value.retryAfterMs ?? pauseMs, abort.signal);
    }
  }
  fill();
}

function asClientError(thrown: unknown): ClientError {
  if (thrown instanceof ClientError) return thrown;
  return new ClientError('internal_error', String(thrown), { cause: thrown });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
    signal.addEventListener('abort', () => resolve());
  });
}
