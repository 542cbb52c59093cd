import { expect, test } from 'vitest';
import { PageLooks } from '../../../../clients/meeting-bot/src/page/page-looks.js';

const anna = { id: 'a', name: 'Anna' };

test('a meeting in a frame of the page counts as one with it', () => {
  const looks = new PageLooks();
  looks.put('page', { joined: false, participants: [], owners: {} }, 0);
  looks.put('frame', { joined: true, participants: [anna], owners: { 'frame-1': 'a' } }, 0);
  expect(looks.merged(100)).toEqual({
    joined: true,
    participants: [anna],
    owners: { 'frame-1': 'a' },
  });
});

test('a frame that says nothing any more is gone', () => {
  const looks = new PageLooks();
  looks.put('page', { joined: true, participants: [anna], owners: {} }, 0);
  expect(looks.merged(19_000).joined).toBe(true);
  expect(looks.merged(21_000)).toEqual({ joined: false, participants: [], owners: {} });
  looks.put('page', { joined: true, participants: [anna], owners: {} }, 22_000);
  looks.clear();
  expect(looks.merged(22_000).joined).toBe(false);
});
