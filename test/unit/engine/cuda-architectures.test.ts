import { expect, test } from 'vitest';
import { codeProblem, runsOn } from '../../../src/engine/cuda-architectures.js';

test.each([
  // Both kinds of code: the same major version by machine code, later ones by portable code.
  ['90', '9.0', true],
  ['90', '10.3', true],
  ['90', '8.9', false],
  // Machine code stays within its major version.
  ['80-real', '8.6', true],
  ['86-real', '8.0', false],
  ['80-real', '9.0', false],
  // Portable code goes upwards only.
  ['75-virtual', '12.0', true],
  ['75-virtual', '7.0', false],
  ['100-virtual', '9.0', false],
  // Code for one kind only, or for one family.
  ['90a', '9.0', true],
  ['90a', '10.0', false],
  ['120a-real', '12.1', false],
  ['120f', '12.1', true],
  ['120f', '13.0', false],
  ['75-virtual,86-real,90', '8.9', true],
  ['native', '8.6', true],
])('code for %s runs on %s: %s', (architectures, capability, expected) => {
  expect(runsOn(architectures, capability)).toBe(expected);
});

test('what a GPU does not tell is no obstacle', () => {
  expect(runsOn('90', null)).toBe(true);
});

test('the problem is one where no GPU can run the code, and the command for it is named', () => {
  expect(codeProblem('90', [])).toBeNull();
  expect(codeProblem('90', ['8.6', '9.0'])).toBeNull();
  expect(codeProblem('90', ['8.6', '8.6'])).toMatch(/\(90\).*--cuda-architectures='86'$/);
});
