import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { errorOfEnd } from '../../src/engine/process-end.js';
import { addonPath, modelPath, speech } from '../native/support.js';
import { tokens } from '../support/word-error-rate.js';
import { rehearsal } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'gpu-memory-'));
const pcmPath = join(folder, 'speech.f32');
const children: ChildProcess[] = [];

beforeAll(() => writeFileSync(pcmPath, new Uint8Array(speech.buffer)));
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Answer {
  readonly text?: string;
  readonly code?: string;
  readonly states: number;
}

/** A process that uses the GPU as it is told. */
async function useGpu() {
  const program = fileURLToPath(new URL('programs/use-gpu.mjs', import.meta.url));
  const child = spawn(process.execPath, [program, addonPath, modelPath, pcmPath]);
  children.push(child);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const closed = once(child, 'close').then(([code, signal]) => ({
    code,
    signal,
    lastWords: stderr.split('\n').filter(Boolean),
    kernelKilled: false,
  }));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { done, value } = await lines.next();
    return done ? null : (JSON.parse(value) as Answer);
  };
  expect(await next(), 'ready').not.toBeNull();
  return {
    /** The answer; null where the process died instead. */
    ask(action: 'fill' | 'transcribe' | 'release'): Promise<Answer | null> {
      child.stdin.write(`${action}\n`);
      return next();
    },
    closed,
    async close() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

const said = (answer: Answer | null) => tokens(answer?.text ?? '').join(' ');
const country = /ask not what your country can do for you/;

// Neither may a rehearsal fill the memory of the machine, nor does it have a card to fill.
describe.skipIf(rehearsal)('a full card (needs a GPU)', () => {
  test('refuses another state as out of memory, and goes on', async () => {
    const process = await useGpu();
    const full = await process.ask('fill');
    expect(full).toMatchObject({ code: 'out_of_memory' });
    const states = full?.states ?? 0;
    expect(states).toBeGreaterThan(1);
    expect(await process.ask('release')).toMatchObject({ states: 1 });
    expect(said(await process.ask('transcribe'))).toMatch(country);
    // What was freed is there again.
    expect((await process.ask('fill'))?.states).toBeGreaterThan(0.9 * states);
    await process.close();
  }, 600_000);

  test('is told from a crash, whichever way it ends a computation', async () => {
    // This one has its state, and not yet what computing with it takes.
    const process = await useGpu();
    const greedy = await useGpu();
    expect(await greedy.ask('fill')).toMatchObject({ code: 'out_of_memory' });

    const answer = await process.ask('transcribe');
    if (answer === null) expect(errorOfEnd(await process.closed).code).toBe('engine_out_of_memory');
    else if (answer.code) expect(answer.code).toBe('out_of_memory');
    else expect(said(answer)).toMatch(country);

    await greedy.close();
    const after = await useGpu();
    expect(said(await after.ask('transcribe'))).toMatch(country);
    await after.close();
  }, 600_000);
});

test.skipIf(rehearsal)(
  'memory is given back when a process ends (needs a GPU)',
  async () => {
    const states = [];
    for (let i = 0; i < 3; i++) {
      const process = await useGpu();
      states.push((await process.ask('fill'))?.states ?? 0);
      await process.close();
    }
    expect(Math.min(...states)).toBeGreaterThan(0.9 * Math.max(...states));
  },
  600_000,
);
