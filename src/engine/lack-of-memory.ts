import { readFileSync } from 'node:fs';

/**
 * What the parts of an inference process say when memory runs out: CUDA and cuBLAS, ggml, C++, OpenMP
 * (which leaves with an ordinary exit code), V8, and the system where it refuses another thread. An
 * "illegal memory access" is something else.
 */
const phrases = [
  /out of memory/i,
  /(insufficient|not enough) memory/i,
  /bad_alloc/,
  /(failed|unable|cannot|could not|attempted) (to )?(be )?allocate/i,
  /alloc(ation)?[ _]failed/i,
  /resource temporarily unavailable/i,
  /failed to map segment/,
  // What ggml checks right after an allocation.
  /GGML_ASSERT\(buffer\) failed/,
  /GGML_ASSERT\(\S*(mem_buffer|buffers|bufts|allocs|splits|nodes|leafs|keys|values) != NULL\) failed/,
];

/** Whether a message or a log line speaks of memory that could not be had. */
export function speaksOfMemory(text: string): boolean {
  return phrases.some((phrase) => phrase.test(text));
}

/**
 * How many processes the kernel has ended since it booted because memory ran out, those in a container
 * with a limit of its own included; null where it does not tell.
 */
export function countKernelKills(): number | null {
  try {
    const counted = /^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'));
    return counted ? Number(counted[1]) : null;
  } catch {
    return null;
  }
}
