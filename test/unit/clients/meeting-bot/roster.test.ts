import { expect, test } from 'vitest';
import { Roster } from '../../../../clients/meeting-bot/src/roster.js';

test('who comes back goes on under the same name', () => {
  const roster = new Roster();
  roster.update([{ id: 'a', name: 'Anna' }], 1_000);
  roster.update([], 5_000);
  expect(roster.labelOf('a')).toBeUndefined();
  roster.update([{ id: 'b', name: ' Anna ' }], 9_000);
  expect(roster.labelOf('b')).toBe('Anna');
  expect([...roster.presences]).toEqual([
    [
      'Anna',
      [
        { fromMs: 1_000, toMs: 5_000 },
        { fromMs: 9_000, toMs: null },
      ],
    ],
  ]);
});

test('two of one name are told apart for as long as both are here', () => {
  const roster = new Roster();
  roster.update(
    [
      { id: 'a', name: 'Anna' },
      { id: 'b', name: 'Anna' },
    ],
    0,
  );
  expect([roster.labelOf('a'), roster.labelOf('b')]).toEqual(['Anna', 'Anna (2)']);
  // Whose words were the second one's stay so when the first one goes.
  roster.update([{ id: 'b', name: 'Anna' }], 1_000);
  expect(roster.labelOf('b')).toBe('Anna (2)');
  roster.update(
    [
      { id: 'b', name: 'Anna' },
      { id: 'c', name: 'Anna' },
    ],
    2_000,
  );
  expect(roster.labelOf('c')).toBe('Anna');
});

test('who has no name has a number, and a name from when it is told', () => {
  const roster = new Roster();
  expect(roster.update([{ id: 'a', name: null }], 0)).toEqual([]);
  expect(roster.labelOf('a')).toBe('Participant 1');
  const renamed = roster.update([{ id: 'a', name: 'Ben' }], 0);
  expect(renamed).toEqual([{ id: 'a', from: 'Participant 1', to: 'Ben', wasNumber: true }]);
  expect([...roster.presences.keys()]).toEqual(['Ben']);
  // Someone who changes names was both.
  expect(roster.update([{ id: 'a', name: 'Bob' }], 5_000)).toMatchObject([
    { from: 'Ben', to: 'Bob', wasNumber: false },
  ]);
  expect([...roster.presences.keys()]).toEqual(['Ben', 'Bob']);
  // A name that is not told any more is kept.
  expect(roster.update([{ id: 'a', name: null }], 6_000)).toEqual([]);
  expect(roster.labelOf('a')).toBe('Bob');
});

test('a name is as long as the gateway lets it be', () => {
  const roster = new Roster();
  const name = 'x'.repeat(500);
  roster.update(
    [
      { id: 'a', name },
      { id: 'b', name },
    ],
    0,
  );
  expect(roster.labelOf('b')?.length).toBeLessThanOrEqual(200);
  expect(roster.labelOf('b')).not.toBe(roster.labelOf('a'));
});
