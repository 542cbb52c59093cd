import type { FileHandle } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { storeStream } from '../../audio/index.js';
import { GatewayError, isDiskFull } from '../../errors/index.js';

export interface UploadLimits {
  readonly maxUploadBytes: number;
  /** Longest time for all of it. */
  readonly uploadTimeoutMs: number;
  /** Longest time without a byte of it. */
  readonly uploadStallMs: number;
  /** Where it lies, without a name; undefined is the system's folder for temporary files. */
  readonly uploadDir?: string | undefined;
}

/** A form that has arrived. */
export interface Upload {
  /** Has no name in any folder; the caller closes it. */
  readonly file: FileHandle;
  /** The other fields, each with its values in the order in which they came. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
}

/** What a form may hold beside its file; far more than any client sends. */
const fieldLimits = {
  fields: 100,
  parts: 102,
  fieldNameSize: 100,
  fieldSize: 64 * 1024,
  headerPairs: 32,
  headerSize: 16 * 1024,
} as const;
const tooManyFields = `There are more than ${fieldLimits.fields} fields.`;
/** What all of that takes at most in bytes, beside the file. */
const maxFormBytes = 8 * 1024 * 1024;

/**
 * Reads a form of one file and some fields. The file goes to disk as it comes and is never in memory as a
 * whole; its name is not used for anything. A form that fails leaves nothing behind, and what is still to come
 * of it is for the caller to discard.
 * @throws GatewayError `not_multipart`, `bad_upload`, `bad_field`, `upload_too_large`, `upload_timeout`,
 *   `disk_full`, or `cancelled` where the signal is aborted.
 */
export async function receiveUpload(
  request: IncomingMessage,
  limits: UploadLimits,
  signal: AbortSignal,
): Promise<Upload> {
  refuseByHeaders(request, limits);
  const form = openForm(request, limits);
  const over = new AbortController();
  const fail = (error: unknown) => over.abort(error);
  const cancel = () => fail(new GatewayError('cancelled'));
  const unwatch = watchProgress(request, limits, fail);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    return await readForm(request, form, limits, over);
  } finally {
    signal.removeEventListener('abort', cancel);
    unwatch();
  }
}

async function readForm(
  request: IncomingMessage,
  form: BusboyInstance,
  { maxUploadBytes, uploadDir }: UploadLimits,
  over: AbortController,
): Promise<Upload> {
  const fields = new Map<string, string[]>();
  let stored: Promise<FileHandle> | undefined;
  const fail = (error: unknown) => over.abort(error);
  form.on('field', (name, value, _, truncated) => {
    if (truncated) fail(badField(`${name} is longer than ${fieldLimits.fieldSize} bytes.`, name));
    fields.set(name, [...(fields.get(name) ?? []), value]);
  });
  form.on('file', (name, stream) => {
    // Whoever stores it hears of errors, too, but perhaps only later.
    stream.on('error', () => {});
    if (name !== 'file') fail(badField('The file has to be in the field "file".', name));
    stream.once('limit', () => fail(tooLarge(maxUploadBytes)));
    stored = storeStream(stream, over.signal, uploadDir);
    stored.catch((error) => fail(ofDisk(error)));
  });
  form.on('filesLimit', () => fail(badField('There is more than one file.', 'file')));
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
    if (!stored) throw missingFile(fields);
    const file = await stored;
    if ((await file.stat()).size === 0) throw badField('The file is empty.', 'file');
    return { file, fields };
  } catch (error) {
    request.unpipe(form);
    over.abort(error);
    await (await stored?.catch(() => undefined))?.close();
    // What the failure led to may have come first.
    throw over.signal.reason;
  }
}

function missingFile(fields: ReadonlyMap<string, unknown>): GatewayError {
  return fields.has('file')
    ? badField('The field "file" has to be a file, with a filename of its own.', 'file')
    : badField('There is no file: send it in the field "file".', 'file');
}

function badField(message: string, param: string): GatewayError {
  return new GatewayError('bad_field', { message, param });
}

/** What the disk says, where it is about room. */
function ofDisk(error: unknown): unknown {
  return isDiskFull(error) ? new GatewayError('disk_full', { cause: error }) : error;
}

function refuseByHeaders({ headers }: IncomingMessage, { maxUploadBytes }: UploadLimits): void {
  if (!/^multipart\/form-data\s*(;|$)/i.test(headers['content-type'] ?? '')) {
    throw new GatewayError('not_multipart');
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    const message = `A body in content-encoding ${encoding.slice(0, 32)} is not accepted: audio is small already.`;
    throw new GatewayError('not_multipart', { message });
  }
  if (Number(headers['content-length'] ?? 0) > maxUploadBytes + maxFormBytes) {
    throw tooLarge(maxUploadBytes);
  }
}

function openForm({ headers }: IncomingMessage, limits: UploadLimits): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': headers['content-type'] ?? '' },
      limits: { ...fieldLimits, files: 1, fileSize: limits.maxUploadBytes },
    });
  } catch (cause) {
    const message = 'The content-type multipart/form-data has to name its boundary.';
    throw new GatewayError('bad_upload', { message, cause });
  }
}

/** Calls `fail` where nothing comes for too long, or all of it takes too long. @returns What ends this. */
function watchProgress(
  request: IncomingMessage,
  { uploadTimeoutMs, uploadStallMs }: UploadLimits,
  fail: (error: unknown) => void,
): () => void {
  const late = (what: string) => fail(new GatewayError('upload_timeout', { message: what }));
  const timer = setTimeout(
    () => late(`The upload took longer than UPLOAD_TIMEOUT_MS, ${uploadTimeoutMs} ms.`),
    uploadTimeoutMs,
  );
  const stall = setTimeout(
    () => late(`Nothing of the upload came for UPLOAD_STALL_MS, ${uploadStallMs} ms.`),
    uploadStallMs,
  );
  const onData = () => stall.refresh();
  request.on('data', onData);
  return () => {
    clearTimeout(timer);
    clearTimeout(stall);
    request.off('data', onData);
  };
}

function tooLarge(maxUploadBytes: number): GatewayError {
  const message = `The upload is larger than MAX_UPLOAD_BYTES, ${maxUploadBytes} bytes.`;
  return new GatewayError('upload_too_large', { message, param: 'file' });
}
