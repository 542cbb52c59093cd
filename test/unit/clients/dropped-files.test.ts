import { expect, test } from 'vitest';
import { filesOfDrop, recordingsOf } from '../../../clients/web/src/files/dropped-files.js';

/** What a browser gives for a file and a folder that are dropped; without content they cannot be read. */
function file(name: string, content?: string) {
  return {
    isFile: true,
    isDirectory: false,
    name,
    file: (resolve: (file: File) => void, reject: (error: Error) => void) =>
      content === undefined
        ? reject(new DOMException('', 'NotReadableError'))
        : resolve(new File([content], name)),
  };
}

function folder(name: string, entries?: readonly object[]) {
  const batches = [entries ?? [], []];
  const readEntries = (
    resolve: (some: readonly object[]) => void,
    reject: (error: Error) => void,
  ) =>
    entries ? resolve(batches.shift() ?? []) : reject(new DOMException('', 'NotReadableError'));
  return { isFile: false, isDirectory: true, name, createReader: () => ({ readEntries }) };
}

function drop(...entries: readonly object[]): DataTransfer {
  const items = entries.map((entry) => ({ webkitGetAsEntry: () => entry }));
  return { items, files: [] } as unknown as DataTransfer;
}

test('one file that cannot be read costs no other of a dropped folder', async () => {
  const found = await filesOfDrop(
    drop(
      folder('talks', [
        file('second.mp3', 'b'),
        file('locked.mp3'),
        folder('private'),
        folder('more', [file('first.wav', 'a'), file('notes.txt', 'c')]),
      ]),
    ),
  );
  expect(found.files.map(({ name }) => name)).toEqual(['first.wav', 'second.mp3']);
  expect(found).toMatchObject({ skipped: 1, unreadable: 2 });
});

test('of a folder only recordings are taken, in the order of their names', () => {
  const named = (name: string, type = '') => new File([], name, { type });
  const { files, skipped } = recordingsOf([
    named('10.MKV'),
    named('2.wav'),
    named('notes.txt', 'text/plain'),
    named('.hidden.wav'),
    named('call', 'audio/ogg'),
  ]);
  expect(files.map(({ name }) => name)).toEqual(['2.wav', '10.MKV', 'call']);
  expect(skipped).toBe(1);
});
