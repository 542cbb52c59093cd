/** What a child process may need to find programs, libraries, GPUs and its temporary folder. */
const passedOn = [
  'PATH',
  'HOME',
  'TMPDIR',
  'LANG',
  'TZ',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'CUDA_DEVICE_ORDER',
  'CUDA_VISIBLE_DEVICES',
  'NVIDIA_VISIBLE_DEVICES',
  'NVIDIA_DRIVER_CAPABILITIES',
] as const;

/**
 * Every job of the addon runs on a thread of its own, and glibc would give each its own heap: what one
 * session freed the next could not use, and the voice activity process grew by 3 MB a session up to half
 * a gigabyte. Two heaps are enough for as many threads as there are slots.
 */
const heaps = { MALLOC_ARENA_MAX: '2' } as const;

/** The environment of a child process: a short list, so that no key or token is ever in it. */
export function childEnvironment(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const entries = passedOn.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...heaps, ...Object.fromEntries(entries) };
}
