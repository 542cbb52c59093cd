import { expect, test } from 'vitest';
import { GatewayError } from '../../../src/errors/index.js';
import { requireFree, whileRoom } from '../../../src/storage/index.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const piece = new Uint8Array(8 * 1024 ** 2);

test('room is asked for while a stream is written, and at its end', async () => {
  async function* stream() {
    for (let count = 0; count < 5; count++) yield piece;
  }
  let written = 0;
  const asked: number[] = [];
  const requireRoom = async () => void asked.push(written / piece.length);
  for await (const { length } of whileRoom(stream(), requireRoom)) written += length;
  expect(asked).toEqual([2, 4, 5]);
});

test('a stream for which there is no more room is read no further', async () => {
  let read = 0;
  async function* endless() {
    for (;;) {
      read++;
      yield piece;
    }
  }
  const full = new GatewayError('disk_full');
  const written = async () => {
    for await (const _ of whileRoom(endless(), () => Promise.reject(full)));
  };
  await expect(written()).rejects.toBe(full);
  expect(read).toBe(2);
});

test('what is to stay free of a disk is not had', async () => {
  await requireFree(temporaryFolder(), 0);
  const tooMuch = requireFree(temporaryFolder(), 2 ** 60);
  await expect(tooMuch).rejects.toMatchObject({ code: 'disk_full' });
});
