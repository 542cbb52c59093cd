import { expect, test } from 'vitest';
import { Peers } from '../../../../src/rooms/nats/peers.js';

function watched() {
  const told: string[] = [];
  const peers = new Peers('me', {
    onPresent: (id) => told.push(`${id} is there`),
    onGone: (id) => told.push(`${id} is gone`),
  });
  return { peers, told };
}

test('a gateway is gone when others are heard and it is not', () => {
  const { peers, told } = watched();
  peers.heard('you', 0, 1);
  for (let now = 0; now <= 5_000; now += 1_000) peers.heard('me', now, 1);
  expect(told).toEqual(['you is there']);
  peers.heard('me', 6_000, 1);
  expect(told).toEqual(['you is there', 'you is gone']);
  peers.heard('you', 6_500, 1);
  expect(told).toHaveLength(3);
  peers.remove('you');
  peers.remove('you');
  expect(told.slice(2)).toEqual(['you is there', 'you is gone']);
  expect(peers.ids).toEqual([]);
});

test('nobody is gone while the way to all of them is', () => {
  const { peers, told } = watched();
  peers.heard('me', 0, 1);
  peers.heard('you', 0, 1);
  peers.heard('me', 60_000, 2);
  peers.heard('me', 61_000, 2);
  peers.heard('you', 64_000);
  for (let now = 62_000; now <= 69_000; now += 1_000) peers.heard('me', now, 2);
  expect(told).toEqual(['you is there']);
});

test('one that has lost its connection is there anew: what it said meanwhile was not heard', () => {
  const { peers, told } = watched();
  peers.heard('you', 0);
  peers.heard('you', 100, 3);
  peers.heard('you', 200, 3);
  peers.heard('you', 300);
  expect(told).toEqual(['you is there']);
  peers.heard('you', 400, 4);
  expect(told).toEqual(['you is there', 'you is there']);
});
