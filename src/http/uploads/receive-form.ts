import type { IncomingMessage } from 'node:http';
import { addAbortSignal, type Readable } from 'node:stream';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { GatewayError, isDiskFull } from '../../errors/index.js';
import { type ProgressLimits, watchProgress } from './watch-progress.js';

export interface FormLimits extends ProgressLimits {
  /** Of one file. */
  readonly maxUploadBytes: number;
}

/** Where the files of a form go. */
export interface FileKeeper<T> {
  /** Files that one form may hold. */
  readonly maxFiles: number;
  /**
   * Keeps a file as it comes; leaves nothing where the stream fails.
   * @param name As its sender calls it: it may hold anything.
   */
  keep(stream: Readable, name: string): Promise<T>;
  /** Removes what was kept. Never rejects. */
  discard(kept: T): Promise<void>;
}

/** A form that has arrived. */
export interface ReceivedForm<T> {
  /** At least one, in the order in which they came. */
  readonly files: readonly T[];
  /** The other fields, each with its values in the order in which they came. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
}

/** What a form may hold beside its files; far more than any client sends. */
const fieldLimits = {
  fields: 100,
  fieldNameSize: 100,
  fieldSize: 64 * 1024,
  headerPairs: 32,
  headerSize: 16 * 1024,
} as const;
const tooManyFields = `There are more than ${fieldLimits.fields} fields.`;
/** What all of that takes at most in bytes, beside the files. */
const maxFormBytes = 8 * 1024 * 1024;

/**
 * Reads a form of files, which are in the field `file`, and other fields. The files are kept as they come and
 * are never in memory as a whole. A form that fails leaves nothing behind, and what is still to come of it is
 * for the caller to discard.
 * @throws GatewayError `not_multipart`, `bad_upload`, `bad_field`, `upload_too_large`, `upload_timeout`,
 *   `disk_full`, or `cancelled` where the signal is aborted.
 */
export async function receiveForm<T>(
  request: IncomingMessage,
  limits: FormLimits,
  keeper: FileKeeper<T>,
  signal: AbortSignal,
): Promise<ReceivedForm<T>> {
  refuseByHeaders(request, limits, keeper);
  const form = openForm(request, limits, keeper);
  const over = new AbortController();
  const fail = (error: unknown) => over.abort(error);
  const cancel = () => fail(new GatewayError('cancelled'));
  const unwatch = watchProgress(request, limits, fail);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    return await readForm(request, form, limits, keeper, over);
  } finally {
    signal.removeEventListener('abort', cancel);
    unwatch();
  }
}

async function readForm<T>(
  request: IncomingMessage,
  form: BusboyInstance,
  { maxUploadBytes }: FormLimits,
  keeper: FileKeeper<T>,
  over: AbortController,
): Promise<ReceivedForm<T>> {
  const fields = new Map<string, string[]>();
  const arriving: Promise<T>[] = [];
  const fail = (error: unknown) => over.abort(error);
  form.on('field', (name, value, _, truncated) => {
    if (truncated) fail(badField(`${name} is longer than ${fieldLimits.fieldSize} bytes.`, name));
    fields.set(name, [...(fields.get(name) ?? []), value]);
  });
  form.on('file', (field, stream, name) => {
    // Whoever keeps it hears of errors, too, but perhaps only later.
    stream.on('error', () => {});
    if (field !== 'file') fail(badField('The file has to be in the field "file".', field));
    stream.once('limit', () => fail(tooLarge(maxUploadBytes)));
    stream.once('end', () => {
      if (stream.bytesRead === 0) fail(badField('The file is empty.', 'file'));
    });
    const kept = keeper.keep(addAbortSignal(over.signal, stream), name ?? '');
    kept.catch((error) => fail(ofDisk(error)));
    arriving.push(kept);
  });
  form.on('filesLimit', () => fail(badField(tooManyFiles(keeper), 'file')));
  for (const limit of ['fieldsLimit', 'partsLimit'] as const) {
    form.on(limit, () => fail(new GatewayError('bad_upload', { message: tooManyFields })));
  }
  form.on('error', (cause) => fail(new GatewayError('bad_upload', { cause })));
  try {
    await new Promise<void>((resolve, reject) => {
      over.signal.addEventListener('abort', () => reject(over.signal.reason), { once: true });
      if (over.signal.aborted) reject(over.signal.reason);
      form.once('finish', resolve);
      request.pipe(form);
    });
    if (arriving.length === 0) throw missingFile(fields);
    const files = await Promise.all(arriving);
    over.signal.throwIfAborted();
    return { files, fields };
  } catch (error) {
    request.unpipe(form);
    over.abort(error);
    const kept = await Promise.allSettled(arriving);
    await Promise.all(
      kept.map((it) => (it.status === 'fulfilled' ? keeper.discard(it.value) : undefined)),
    );
    // What the failure led to may have come first.
    throw over.signal.reason;
  }
}

function missingFile(fields: ReadonlyMap<string, unknown>): GatewayError {
  return fields.has('file')
    ? badField('The field "file" has to be a file, with a filename of its own.', 'file')
    : badField('There is no file: send it in the field "file".', 'file');
}

function tooManyFiles({ maxFiles }: Pick<FileKeeper<unknown>, 'maxFiles'>): string {
  return maxFiles === 1 ? 'There is more than one file.' : `There are more than ${maxFiles} files.`;
}

function badField(message: string, param: string): GatewayError {
  return new GatewayError('bad_field', { message, param });
}

/** What the disk says, where it is about room. */
function ofDisk(error: unknown): unknown {
  return isDiskFull(error) ? new GatewayError('disk_full', { cause: error }) : error;
}

function refuseByHeaders(
  { headers }: IncomingMessage,
  { maxUploadBytes }: FormLimits,
  { maxFiles }: Pick<FileKeeper<unknown>, 'maxFiles'>,
): void {
  if (!/^multipart\/form-data\s*(;|$)/i.test(headers['content-type'] ?? '')) {
    throw new GatewayError('not_multipart');
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    const message = `A body in content-encoding ${encoding.slice(0, 32)} is not accepted: audio is small already.`;
    throw new GatewayError('not_multipart', { message });
  }
  if (Number(headers['content-length'] ?? 0) > maxFiles * maxUploadBytes + maxFormBytes) {
    throw tooLarge(maxUploadBytes);
  }
}

function openForm(
  { headers }: IncomingMessage,
  { maxUploadBytes }: FormLimits,
  { maxFiles }: Pick<FileKeeper<unknown>, 'maxFiles'>,
): BusboyInstance {
  // One part more than there may be of each kind, so that its own limit is the one that is told.
  const parts = maxFiles + fieldLimits.fields + 1;
  try {
    return new Busboy({
      headers: { 'content-type': headers['content-type'] ?? '' },
      limits: { ...fieldLimits, parts, files: maxFiles, fileSize: maxUploadBytes },
    });
  } catch (cause) {
    const message = 'The content-type multipart/form-data has to name its boundary.';
    throw new GatewayError('bad_upload', { message, cause });
  }
}

function tooLarge(maxUploadBytes: number): GatewayError {
  const message = `The upload is larger than MAX_UPLOAD_BYTES, ${maxUploadBytes} bytes.`;
  return new GatewayError('upload_too_large', { message, param: 'file' });
}
