import { describe, expect, test } from 'vitest';
import { errorOfEnd } from '../../../src/engine/process-end.js';

/** What a process means by its end: the signal, and its last line. */
const ends: [NodeJS.Signals | null, string, string][] = [
  ['SIGABRT', 'CUDA error: out of memory', 'engine_out_of_memory'],
  [
    'SIGABRT',
    "terminate called after throwing an instance of 'std::bad_alloc'",
    'engine_out_of_memory',
  ],
  [
    'SIGABRT',
    'ggml_aligned_malloc: insufficient memory (attempted to allocate 9 MB)',
    'engine_out_of_memory',
  ],
  [
    'SIGABRT',
    'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
    'engine_out_of_memory',
  ],
  ['SIGKILL', 'failed to allocate buffer of size 1000', 'engine_out_of_memory'],
  ['SIGKILL', '', 'engine_died'],
  ['SIGABRT', 'CUDA error: an illegal memory access was encountered', 'engine_died'],
  ['SIGABRT', 'CUDA error: the function failed to launch on the GPU', 'engine_died'],
  ['SIGABRT', 'CUBLAS_STATUS_ALLOC_FAILED', 'engine_out_of_memory'],
  // What follows an allocation that failed may be anything.
  ['SIGSEGV', 'CUDA error: out of memory', 'engine_out_of_memory'],
  // OpenMP leaves by itself where the system refuses it a thread, which needs memory for its stack.
  [
    null,
    'libgomp: Thread creation failed: Resource temporarily unavailable',
    'engine_out_of_memory',
  ],
  ['SIGSEGV', '', 'engine_died'],
  [null, 'a defect', 'engine_died'],
];

const end = { code: null, signal: null, lastWords: [], kernelKilled: false } as const;

describe('the end of a process', () => {
  test.each(ends)('by %s after "%s" is %s', (signal, line, code) => {
    const words = { code: signal ? null : 1, signal, lastWords: ['before', line] };
    expect(errorOfEnd({ ...end, ...words }).code).toBe(code);
  });

  test('by SIGKILL is for want of memory where the kernel has killed; else that is suspected', () => {
    const killed = { ...end, signal: 'SIGKILL' } as const;
    expect(errorOfEnd({ ...killed, kernelKilled: true })).toMatchObject({
      code: 'engine_out_of_memory',
      message:
        'The inference worker ran out of memory: the system killed it because memory ran out (SIGKILL).',
    });
    const suspected = errorOfEnd(killed);
    expect(suspected.code).toBe('engine_died');
    expect((suspected.cause as Error).message).toContain(
      'perhaps by the system for want of memory',
    );
  });

  test('is told in the message, and with its last words in the cause', () => {
    const error = errorOfEnd({ ...end, code: 3, lastWords: ['one', 'two'] }, 'model_load_failed');
    expect(error).toMatchObject({
      code: 'model_load_failed',
      message: 'The model could not be loaded: it left with exit code 3.',
    });
    expect((error.cause as Error).message).toBe('it left with exit code 3\none\ntwo');
  });
});
