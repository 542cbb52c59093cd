import { expect, test } from 'vitest';
import { Admission } from '../../../src/recording/admission.js';

const never = new AbortController().signal;

test('lets so many in, and gives so many their turn, in the order in which they asked', async () => {
  const admission = new Admission({ maxActive: 1, maxWaiting: 2 });
  const [first, second, third] = [admission.enter(), admission.enter(), admission.enter()];
  expect(() => admission.enter()).toThrow(
    expect.objectContaining({ code: 'too_many_transcriptions', retryAfterMs: 5_000 }),
  );
  const order: string[] = [];
  const turns = [
    // The third file arrived before the second one.
    first.turn(never).then(() => order.push('first')),
    third.turn(never).then(() => order.push('third')),
    second.turn(never).then(() => order.push('second')),
  ];
  await turns[0];
  expect([admission.active, admission.waiting]).toEqual([1, 2]);
  first.leave();
  first.leave();
  await turns[1];
  expect([admission.active, admission.waiting]).toEqual([1, 1]);
  third.leave();
  await turns[2];
  second.leave();
  expect(order).toEqual(['first', 'third', 'second']);
  expect([admission.active, admission.waiting]).toEqual([0, 0]);
});

test('who leaves while waiting makes room and gets no turn', async () => {
  const admission = new Admission({ maxActive: 1, maxWaiting: 1 });
  const first = admission.enter();
  await first.turn(never);
  const leaving = new AbortController();
  const second = admission.enter();
  const turn = second.turn(leaving.signal);
  leaving.abort();
  await expect(turn).rejects.toMatchObject({ code: 'cancelled' });
  second.leave();
  const third = admission.enter();
  first.leave();
  await third.turn(never);
  expect([admission.active, admission.waiting]).toEqual([1, 0]);
  await expect(admission.enter().turn(AbortSignal.abort())).rejects.toMatchObject({
    code: 'cancelled',
  });
});

test('draining lets nobody in and waits for the last one', async () => {
  const admission = new Admission({ maxActive: 1, maxWaiting: 1 });
  const [first, second] = [admission.enter(), admission.enter()];
  let drained = false;
  const drain = Promise.all([admission.drain(), admission.drain()]).then(() => {
    drained = true;
  });
  expect(() => admission.enter()).toThrow(expect.objectContaining({ code: 'server_draining' }));
  first.leave();
  await second.turn(never);
  expect(drained).toBe(false);
  second.leave();
  await drain;
  await new Admission({ maxActive: 1, maxWaiting: 0 }).drain();
});
