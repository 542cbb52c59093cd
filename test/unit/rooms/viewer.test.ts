import { expect, test } from 'vitest';
import { RoomMessage } from '../../../src/rooms/room-message.js';
import { Viewer } from '../../../src/rooms/viewer.js';

/** A network that takes what it is given only when it is told to. */
function watching(maxUnreadBytes: number) {
  const waiting: { message: RoomMessage; written: () => void }[] = [];
  const seen: unknown[] = [];
  const other: string[] = [];
  let snapshots = 0;
  const sink = {
    get unreadBytes() {
      return waiting.reduce((sum, { message }) => sum + message.bytes, 0);
    },
    send: (message: RoomMessage, written: () => void) => void waiting.push({ message, written }),
    ping: () => void other.push('ping'),
    close: (code: number) => void other.push(`close ${code}`),
    terminate: () => void other.push('terminate'),
  };
  const read = (count = waiting.length) => {
    for (const { message, written } of waiting.splice(0, count)) {
      seen.push(JSON.parse(String(message.json)));
      written();
    }
  };
  const snapshot = () => new RoomMessage({ snapshot: ++snapshots });
  const viewer = new Viewer(sink, maxUnreadBytes, snapshot, () => other.push('lagging'));
  viewer.show(snapshot());
  return { viewer, read, seen, other, sink };
}

test('who reads is sent everything behind one snapshot', () => {
  const { viewer, read, seen } = watching(100);
  for (let n = 1; n <= 50; n++) {
    viewer.take(new RoomMessage({ n }));
    read();
  }
  expect(seen).toEqual([{ snapshot: 1 }, ...Array.from({ length: 50 }, (_, i) => ({ n: i + 1 }))]);
});

test('who does not read misses events, and is brought up to date by one snapshot', () => {
  const { viewer, read, seen, other, sink } = watching(50);
  for (let n = 1; n <= 1_000; n++) viewer.take(new RoomMessage({ n }));
  expect(sink.unreadBytes).toBeLessThanOrEqual(50);
  read(1);
  expect(seen).toEqual([{ snapshot: 1 }]);
  read();
  read();
  viewer.take(new RoomMessage({ n: 'next' }));
  read();
  expect(other).toEqual(['lagging']);
  expect(seen.filter((message) => Object.hasOwn(message as object, 'snapshot'))).toEqual([
    { snapshot: 1 },
    { snapshot: 2 },
  ]);
  expect(seen.at(-1)).toEqual({ n: 'next' });
  expect(seen.length).toBeLessThan(12);
});

test('one message beyond the limit is sent to whom nothing waits for', () => {
  const { viewer, read, seen } = watching(50);
  read();
  viewer.take(new RoomMessage({ long: 'x'.repeat(100) }));
  read();
  expect(seen).toHaveLength(2);
});

test('who takes nothing at all is dropped after a while', () => {
  const { viewer, other } = watching(50);
  viewer.beat();
  for (let n = 1; n <= 10; n++) viewer.take(new RoomMessage({ n }));
  for (let beat = 0; beat < 3; beat++) viewer.beat();
  expect(other).toEqual(['ping', 'lagging', 'terminate']);
});
