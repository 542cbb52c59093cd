import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { describe, expect, test } from 'vitest';
import { createPullProgress } from '../../../src/cli/models/pull-progress.js';
import { alignColumns } from '../../../src/cli/terminal/align-columns.js';
import { wrapText } from '../../../src/cli/terminal/wrap-text.js';
import { describeBytes } from '../../../src/models/index.js';
import { smallModel } from '../../support/small-model.js';

const { model } = smallModel(1_000);

/** Takes what would go to a terminal, or to a file. */
function stream(isTTY: boolean): { stream: WriteStream; written: () => string } {
  const through = Object.assign(new PassThrough(), { isTTY, columns: 100 });
  return {
    stream: through as unknown as WriteStream,
    written: () => (through.read() as Buffer | null)?.toString() ?? '',
  };
}

describe('the progress of a download', () => {
  test('is a few lines where lines cannot be written over', () => {
    const { stream: file, written } = stream(false);
    const progress = createPullProgress(model, file);
    progress.event({ type: 'waiting' });
    for (let bytes = 0; bytes <= 1_000; bytes += 50) progress.event({ type: 'downloading', bytes });
    progress.event({ type: 'retrying', reason: 'the connection was dropped' });
    for (let bytes = 0; bytes <= 1_000; bytes += 50) progress.event({ type: 'checking', bytes });
    progress.end();
    const lines = written().trimEnd().split('\n');
    expect(lines).toHaveLength(14);
    expect(lines[0]).toMatch(/Another process/);
    expect(lines[1]).toBe('Pulling mini: 0 % of 1000 bytes');
    expect(lines[11]).toBe('Pulling mini: 100 % of 1000 bytes');
    expect(lines.slice(12)).toEqual(['Trying again: the connection was dropped', 'Checking mini']);
    expect(lines.join()).not.toContain('\u001b');
  });

  test('is a bar on a terminal', () => {
    const { stream: terminal, written } = stream(true);
    const progress = createPullProgress(model, terminal);
    progress.event({ type: 'downloading', bytes: 500 });
    progress.event({ type: 'retrying', reason: 'the connection was dropped' });
    progress.end();
    expect(written()).toMatch(/Pulling mini .* 50 % .*500 bytes of 1000 bytes.*was dropped/s);
  });
});

describe('columns', () => {
  test('begin at the same place in every line, whatever is coloured', () => {
    const rows = [
      ['a', 'bb', 'c'],
      ['\u001b[32mlong\u001b[39m', 'b'],
      ['aa', '', 'c'],
    ];
    expect(alignColumns(rows)).toEqual([
      'a     bb  c',
      '\u001b[32mlong\u001b[39m  b',
      'aa        c',
    ]);
  });
});

describe('wrapping', () => {
  test.each([
    ['one two three', 7, ['one two', 'three']],
    ['one two three', 100, ['one two three']],
    ['incomprehensibilities are long', 10, ['incomprehensibilities', 'are long']],
    ['one\ntwo three', 5, ['one', 'two', 'three']],
    ['', 5, ['']],
  ])('%j to %d', (text, width, lines) => {
    expect(wrapText(text, width)).toEqual(lines);
  });
});

describe('bytes', () => {
  test.each([
    [0, '0 bytes'],
    [1_023, '1023 bytes'],
    [1_024, '1.0 KiB'],
    [81_768_585, '78 MiB'],
    [1_624_555_275, '1.5 GiB'],
    [2 ** 60, '1048576 TiB'],
  ])('%d are %s', (bytes, words) => {
    expect(describeBytes(bytes)).toBe(words);
  });
});
