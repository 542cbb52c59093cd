import type { Readable } from 'node:stream';
import type { Upload } from './job.js';

/** The files of jobs. */
export interface Uploads {
  /**
   * Keeps a stream as the file of a job to come. What was received of one that fails is removed. The file is
   * `release`d when it has become a job, or `remove`d.
   * @param requireRoom See `whileRoom`.
   * @throws What the stream, `requireRoom` or the file system says.
   */
  receive(name: string, stream: Readable, requireRoom: () => Promise<void>): Promise<Upload>;
  /** What was written of files that are received now, or are not jobs yet. */
  readonly arrivingBytes: number;
  /** It belongs to a job now. */
  release(id: string): void;
  /** Never rejects: what cannot be removed now is found later. */
  remove(id: string): Promise<void>;
  /** Its job is gone, whoever removed it: nothing of it is kept here. Never rejects. */
  forget(id: string): Promise<void>;
  /**
   * A path where the file lies for a while: long enough to be opened.
   * @throws GatewayError `jobs_unavailable`, `disk_full`, `not_found` where there is no such file any more.
   */
  locate(id: string, signal?: AbortSignal): Promise<string>;
  /** Bytes that may still be written. */
  freeBytes(): Promise<number>;
  /** Idempotent. Never rejects. */
  close(): Promise<void>;
}
