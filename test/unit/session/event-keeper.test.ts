import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { JournalEntry, Kept } from '../../../src/session/index.js';
import type { Checkpoint } from '../../../src/session/kept/checkpoint.js';
import { EventKeeper } from '../../../src/session/kept/event-keeper.js';
import { writtenEvent } from '../../../src/session/replay-buffer.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function keeper(kept: () => Kept = () => 'kept') {
  const entries: JournalEntry[] = [];
  const delivered: number[] = [];
  const checkpoint = { seq: 0 } as { -readonly [K in keyof Checkpoint]: Checkpoint[K] };
  const journal = {
    append: async (entry: JournalEntry) => {
      entries.push(structuredClone(entry));
      return kept();
    },
    appendAudio() {},
    audioKept: async () => {},
    remove: async () => {},
  };
  const it = new EventKeeper({
    journal,
    owner: { callerId: 'k', tokenDigest: 'd' },
    checkpoint: () => checkpoint,
    deliver: ({ event }) => delivered.push(event.seq),
    onMoved() {},
  });
  const say = (seq: number) => {
    checkpoint.seq = seq;
    it.add(writtenEvent({ type: 'speech_started', at_ms: 0, session_id: 's', seq }));
  };
  return { keeper: it, entries, delivered, say };
}

test('a session of which nothing is said is written down again, before it is forgotten', async () => {
  const { keeper: it, entries, say } = keeper();
  say(1);
  await vi.advanceTimersByTimeAsync(110_000);
  expect(entries.map(({ events }) => events.length)).toEqual([1, 0, 0]);
  it.stop();
  await vi.advanceTimersByTimeAsync(110_000);
  expect(entries).toHaveLength(3);
});

test('what is said while it is handed over is kept and told, or neither', async () => {
  const { keeper: it, entries, delivered, say } = keeper();
  say(1);
  const over = it.handOver();
  say(2);
  expect(await over).toBe(true);
  say(3);
  await vi.advanceTimersByTimeAsync(0);
  expect(delivered).toEqual([1, 2]);
  expect(entries.flatMap(({ events }) => events.map(({ seq }) => seq))).toEqual([1, 2]);
  expect(entries.at(-1)?.checkpoint.seq).toBe(2);
});

test('what cannot be kept is told all the same, and is not handed over', async () => {
  const { keeper: it, delivered, say } = keeper(() => 'unkept');
  say(1);
  expect(await it.handOver()).toBe(false);
  say(2);
  await vi.advanceTimersByTimeAsync(0);
  expect(delivered).toEqual([1, 2]);
  it.stop();
});
