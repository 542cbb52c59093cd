import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../../errors/index.js';

export interface ProgressLimits {
  /** Longest time for all of it. */
  readonly uploadTimeoutMs: number;
  /** Longest time without a byte of it. */
  readonly uploadStallMs: number;
}

/**
 * Calls `fail` with `upload_timeout` where nothing comes for too long, or all of it takes too long.
 * @returns What ends this.
 */
export function watchProgress(
  request: IncomingMessage,
  { uploadTimeoutMs, uploadStallMs }: ProgressLimits,
  fail: (error: GatewayError) => void,
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
