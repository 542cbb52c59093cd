import { GatewayError } from '../errors/index.js';

/** With which codes our processes leave, beside 0 and what Node uses itself. */
export const ExitCode = {
  /** It could not set itself up, and has said why. */
  unable: 40,
  /** Nobody is at the other end of its channel: it was started by hand. */
  noParent: 41,
} as const;

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Its last lines on stderr, the oldest first. */
  readonly lastWords: readonly string[];
}

/**
 * What the end of a process means for the work it had. ggml ends the process when a GPU runs out of
 * memory while computing, and the system kills one that takes too much; both count as out of memory
 * where the last words say so. An "illegal memory access" is something else.
 */
export function errorOfEnd(end: ProcessEnd): GatewayError {
  const killed = end.signal === 'SIGABRT' || end.signal === 'SIGKILL';
  const lackOfMemory = /out of memory|insufficient memory|bad_alloc|to allocate|allocation failed/i;
  const outOfMemory = killed && end.lastWords.some((line) => lackOfMemory.test(line));
  return new GatewayError(outOfMemory ? 'engine_out_of_memory' : 'engine_died', {
    cause: new Error(describeEnd(end)),
  });
}

/** `SIGKILL` or `exit code 1`, followed by the last words. */
function describeEnd(end: ProcessEnd): string {
  const how = end.signal ?? (end.code === null ? 'could not be started' : `exit code ${end.code}`);
  return [how, ...end.lastWords].join('\n');
}
