import { expect, test } from 'vitest';
import { splitState } from '../../../../src/rooms/nats/split-state.js';

const words = (seq: number, text = 'x'.repeat(100)) => ({
  ...{ session_id: 's', utterance_id: `u${seq}`, seq, voice: null },
  cues: [{ lines: [text], start_at: seq, end_at: seq + 1 }],
});
const session = (id: string) => ({
  ...{ session_id: id, speaker: null, started_at: 1, ended: false, seq: 1 },
  ...{ finals: [], partial: null },
});

test('parts are small, complete, in order, and end with the sessions', () => {
  const said = Array.from({ length: 50 }, (_, index) => words(index));
  const sessions = ['a', 'b'].map(session);
  const parts = splitState({ begin: 7, said, sessions }, 1_000);
  expect(parts.length).toBeGreaterThan(5);
  for (const part of parts) {
    expect(JSON.stringify([...part.said, ...part.sessions]).length).toBeLessThanOrEqual(1_001);
    expect(part.begin).toBe(7);
  }
  expect(parts.flatMap((part) => part.said)).toEqual(said);
  expect(parts.flatMap((part) => part.sessions)).toEqual(sessions);
  expect(parts.at(-1)?.sessions.length).toBeGreaterThan(0);
});

test('a room of which nothing was said is one part; what fits into none is left out', () => {
  const state = { begin: null, said: [], sessions: [] };
  expect(splitState(state, 1_000)).toEqual([state]);
  const said = [words(1), words(2, '…'.repeat(1_000)), words(3)];
  const parts = splitState({ ...state, said }, 1_000);
  expect(parts.flatMap((part) => part.said.map(({ seq }) => seq))).toEqual([1, 3]);
});
