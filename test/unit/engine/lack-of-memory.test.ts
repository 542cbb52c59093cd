import { describe, expect, test } from 'vitest';
import { countKernelKills, speaksOfMemory } from '../../../src/engine/lack-of-memory.js';
import { nativeError } from '../../../src/engine/native-error.js';

describe('words that speak of memory', () => {
  test.each([
    'CUDA error: out of memory',
    'ggml_backend_cuda_buffer_type_alloc_buffer: allocating 9 MiB on device 0: cudaMalloc failed: out of memory',
    'ggml_gallocr_reserve_n_impl: failed to allocate CUDA0 buffer of size 1000',
    'ggml_aligned_malloc: insufficient memory (attempted to allocate 9 MB)',
    'whisper_kv_cache_init: failed to allocate memory for the kv cache context',
    "terminate called after throwing an instance of 'std::bad_alloc'",
    'CUBLAS_STATUS_ALLOC_FAILED',
    'libgomp: Out of memory allocating 64 bytes',
    'libgomp: Thread creation failed: Resource temporarily unavailable',
    'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
    'RangeError: Array buffer allocation failed',
    'addon.node: failed to map segment from shared object',
    'ggml-backend.cpp:194: GGML_ASSERT(buffer) failed',
    'ggml.c:1607: GGML_ASSERT(ctx->mem_buffer != NULL) failed',
    'ggml-alloc.c:886: GGML_ASSERT(galloc->leaf_allocs != NULL) failed',
  ])('%s', (line) => {
    expect(speaksOfMemory(line)).toBe(true);
  });

  test.each([
    'CUDA error: an illegal memory access was encountered',
    'CUDA error: no kernel image is available for execution on the device',
    'whisper_init_state: kv self size = 6.29 MB',
    'GGML_ASSERT(!sched->is_alloc) failed',
    'GGML_ASSERT(backend->iface.event_wait != NULL) failed',
  ])('but not: %s', (line) => {
    expect(speaksOfMemory(line)).toBe(false);
  });
});

test('the kernel tells how often it has killed for want of memory, where there is one to ask', () => {
  const kills = countKernelKills();
  if (process.platform === 'linux') expect(kills).toBeGreaterThanOrEqual(0);
  else expect(kills).toBeNull();
});

describe('what the addon throws', () => {
  const thrown = (code: string, message: string) => Object.assign(new Error(message), { code });

  test('is out of memory by its code, or by its words where the code says nothing', () => {
    const codes = [
      thrown('out_of_memory', ''),
      thrown('inference_failed', 'Resource temporarily unavailable'),
      new RangeError('Array buffer allocation failed'),
    ].map((error) => nativeError(error, 'inference_failed').code);
    expect(codes).toEqual(Array(3).fill('engine_out_of_memory'));
  });

  test('keeps a code that says something, whatever its words', () => {
    const error = thrown('model_corrupt', 'tensor out of memory map');
    expect(nativeError(error, 'model_load_failed').code).toBe('model_corrupt');
    expect(nativeError(thrown('', 'strange'), 'model_load_failed').code).toBe('model_load_failed');
  });

  test('is left as it is where it is ours already', () => {
    const ours = nativeError(thrown('aborted', ''), 'inference_failed');
    expect(nativeError(ours, 'model_load_failed')).toBe(ours);
  });
});
