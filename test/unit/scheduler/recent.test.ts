import { expect, test } from 'vitest';
import { createRecent } from '../../../src/scheduler/recent.js';

test('the last names are remembered, and a repeated one stays for longer', () => {
  const recent = createRecent(2);
  for (const name of ['a', 'b', 'a', 'c']) recent.add(name);
  expect(['a', 'b', 'c'].map((name) => recent.has(name))).toEqual([true, false, true]);
});
