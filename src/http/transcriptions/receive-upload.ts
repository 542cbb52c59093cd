import type { FileHandle } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { storeStream } from '../../audio/index.js';
import { type FormLimits, receiveForm } from '../uploads/receive-form.js';

export interface UploadLimits extends FormLimits {
  /** Where it lies, without a name; undefined is the system's folder for temporary files. */
  readonly uploadDir?: string | undefined;
  /** What stays free on the disk of `uploadDir`; the system's folder may be a small one in memory. */
  readonly reservedDiskBytes: number;
}

/** A form that has arrived. */
export interface Upload {
  /** Has no name in any folder; the caller closes it. */
  readonly file: FileHandle;
  /** The other fields, each with its values in the order in which they came. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads a form of one file and some fields; the file's name is not used for anything.
 * @throws GatewayError as `receiveForm`.
 */
export async function receiveUpload(
  request: IncomingMessage,
  limits: UploadLimits,
  signal: AbortSignal,
): Promise<Upload> {
  const { uploadDir, reservedDiskBytes } = limits;
  const reservedBytes = uploadDir === undefined ? 0 : reservedDiskBytes;
  const keeper = {
    maxFiles: 1,
    keep: (stream: Readable) => storeStream(stream, undefined, uploadDir, reservedBytes),
    discard: (file: FileHandle) => file.close().catch(() => {}),
  };
  const { files, fields } = await receiveForm(request, limits, keeper, signal);
  return { file: files[0] as FileHandle, fields };
}
