import { defineConfig } from 'vitest/config';

/** The kinds of test, foldered by what they need; see CONTRIBUTING.md. */
const projects = [
  // Nothing but Node: plain functions, machines, scripted engines.
  project('unit', { maxWorkers: 2, testTimeout: 20_000 }),
  // One suite for every implementation of an interface, the native ones included.
  project('contract', { maxWorkers: 1, testTimeout: 60_000 }),
  // The compiled gateway with real ffmpeg, addon and model.
  project('integration', { maxWorkers: 1, testTimeout: 120_000 }),
  // The addon itself.
  project('native', { maxWorkers: 1, testTimeout: 120_000 }),
  // A real browser, playing a recording as its microphone.
  project('browser', { maxWorkers: 1, testTimeout: 120_000 }),
  // Faults at random, for a minute here and for hours by CHAOS_SECONDS.
  project('chaos', { maxWorkers: 1, testTimeout: 240_000 }),
  // A GPU: scripts/test-gpu.mjs asks for it.
  ...(process.env.GPU_TESTS ? [project('gpu', { maxWorkers: 1, testTimeout: 120_000 })] : []),
];

export default defineConfig({
  test: {
    projects,
    pool: 'forks',
    globalSetup: ['test/support/global-setup.ts'],
  },
});

function project(name: string, options: { maxWorkers: number; testTimeout: number }) {
  return {
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      pool: 'forks' as const,
      // Inference keeps every core busy: files that use it run one after the other.
      maxWorkers: options.maxWorkers,
      testTimeout: options.testTimeout,
      hookTimeout: options.testTimeout,
      // How long something takes is not what is tested: a machine may be slow.
      expect: { poll: { timeout: 15_000 } },
      // Each project is a group of its own, so that the quick ones come first.
      sequence: {
        groupOrder: [
          'unit',
          'contract',
          'integration',
          'native',
          'browser',
          'chaos',
          'gpu',
        ].indexOf(name),
      },
    },
  };
}
