import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLastLines } from '../../../src/engine/last-lines.js';

test('the last lines are the same however the text was cut into pieces', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[ab\n]{0,8}$/)), (pieces) => {
      const last = createLastLines(3);
      const completed = pieces.flatMap((piece) => last.write(piece));
      const lines = pieces.join('').split('\n');
      const unfinished = lines.pop();
      expect(completed).toEqual(lines);
      expect(last.lines()).toEqual([...lines, ...(unfinished ? [unfinished] : [])].slice(-3));
    }),
  );
});

test('an endless line is cut, and takes no memory', () => {
  const last = createLastLines(3, 10);
  for (let i = 0; i < 1_000; i++) last.write('x'.repeat(1_000));
  expect(last.lines()).toEqual(['x'.repeat(10)]);
});
