import { catalog, GatewayError } from '../errors/index.js';
import { speaksOfMemory } from './lack-of-memory.js';

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
  /** Whether the kernel has ended some process for want of memory while this one lived. */
  readonly kernelKilled: boolean;
}

/**
 * What the end of a process means for the work it had. ggml ends the process when a GPU runs out of
 * memory while computing, OpenMP leaves when it gets no thread, and the kernel kills what takes too
 * much; all of them count as out of memory. A SIGKILL alone may have come from anybody.
 * @param otherwise The code of every other end.
 */
export function errorOfEnd(
  end: ProcessEnd,
  otherwise: 'engine_died' | 'model_load_failed' = 'engine_died',
): GatewayError {
  const how = describeEnd(end);
  const outOfMemory = isKernelKill(end) || end.lastWords.some(speaksOfMemory);
  const code = outOfMemory ? 'engine_out_of_memory' : otherwise;
  return new GatewayError(code, {
    message: `${catalog[code].message.replace(/\.$/, '')}: ${how}.`,
    cause: new Error([how, ...end.lastWords].join('\n')),
  });
}

function isKernelKill({ signal, kernelKilled }: ProcessEnd): boolean {
  return signal === 'SIGKILL' && kernelKilled;
}

/** In plain words, without a full stop. */
function describeEnd(end: ProcessEnd): string {
  if (isKernelKill(end)) return 'the system killed it because memory ran out (SIGKILL)';
  if (end.signal === 'SIGKILL')
    return 'it was killed, perhaps by the system for want of memory (SIGKILL)';
  if (end.signal) return `it crashed (${end.signal})`;
  return end.code === null ? 'it could not be started' : `it left with exit code ${end.code}`;
}
