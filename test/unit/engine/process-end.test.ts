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
  ['SIGSEGV', 'CUDA error: out of memory', 'engine_died'],
  [null, 'out of memory', 'engine_died'],
];

describe('the end of a process', () => {
  test.each(ends)('by %s after "%s" is %s', (signal, line, code) => {
    const end = { code: signal ? null : 1, signal, lastWords: ['before', line] };
    expect(errorOfEnd(end).code).toBe(code);
  });

  test('is told in the cause, last words included', () => {
    const { cause } = errorOfEnd({ code: 3, signal: null, lastWords: ['one', 'two'] });
    expect((cause as Error).message).toBe('exit code 3\none\ntwo');
  });
});
