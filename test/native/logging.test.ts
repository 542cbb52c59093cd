import { readdirSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import type { NativeLogLevel } from '../../src/engine/native-binding.js';
import { addon, cutTo, expectCode, firstSeconds, loadModel, voiceActivityPath } from './support.js';

afterEach(() => addon.setLogger(null));

/** Collects lines, and tells when one of them matches. */
function collect() {
  const lines: { level: NativeLogLevel; line: string }[] = [];
  const waiting = new Set<() => void>();
  addon.setLogger((level, line) => {
    lines.push({ level, line });
    for (const look of waiting) look();
  });
  const matching = (pattern: RegExp): Promise<void> =>
    new Promise((resolve) => {
      const look = () => {
        if (lines.some(({ line }) => pattern.test(line))) resolve();
      };
      waiting.add(look);
      look();
    });
  return { lines, matching };
}

test('what whisper.cpp says arrives line by line, after the call that caused it', async () => {
  const { lines, matching } = collect();
  const loading = loadModel();
  expect(lines).toEqual([]);
  const model = await loading;
  await matching(/model size/);
  model.free();
  for (const { level, line } of lines) {
    expect(['debug', 'info', 'warn', 'error']).toContain(level);
    expect(line).toMatch(/^[^\n]+$/);
  }
});

test('an abort is no error to log', async () => {
  const { lines, matching } = collect();
  const model = await loadModel();
  const state = await model.createState();
  const pcm = firstSeconds(3);
  const running = state.transcribe(pcm, cutTo(pcm));
  state.abort();
  await expectCode(running, 'aborted');
  await matching(/abort|failed to encode/);
  expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
  state.free();
  model.free();
});

test('after null nothing arrives any more', async () => {
  const { lines } = collect();
  addon.setLogger(null);
  const model = await loadModel();
  // A logger of its own shows that the lines of this load have passed.
  const { matching } = collect();
  const again = await loadModel();
  await matching(/model size/);
  expect(lines).toEqual([]);
  for (const open of [model, again]) open.free();
});

test('the last logger set receives everything', async () => {
  const first = collect();
  const second = collect();
  const model = await loadModel();
  await second.matching(/model size/);
  expect(first.lines).toEqual([]);
  model.free();
});

const threads = () => readdirSync('/proc/self/task').length;

test.skipIf(process.platform !== 'linux')(
  'lines that nobody reads are dropped, and counted',
  async () => {
    const { lines, matching } = collect();
    const before = threads();
    const loads = Array.from({ length: 100 }, () => addon.loadVoiceActivity(voiceActivityPath));
    // This thread stays away from its loop until every load has said all it has to say.
    const never = new Int32Array(new SharedArrayBuffer(4));
    while (threads() > before) Atomics.wait(never, 0, 0, 10);
    for (const detector of await Promise.all(loads)) detector.free();
    // The line that counts them comes before the next one.
    const model = await loadModel();
    await matching(/model size .* 81/);
    const counted = lines.filter(({ level, line }) => level === 'warn' && /dropped/.test(line));
    expect(counted).toHaveLength(1);
    const dropped = Number.parseInt(counted[0]?.line ?? '', 10);
    expect(lines.findIndex(({ level }) => level === 'warn')).toBe(1024);
    expect(dropped).toBeGreaterThan(500);
    model.free();
  },
);
