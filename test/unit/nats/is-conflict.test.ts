import { JetStreamApiError } from '@nats-io/jetstream';
import { expect, test } from 'vitest';
import { isConflict } from '../../../src/nats/index.js';

const said = (err_code: number) =>
  new JetStreamApiError({ code: 400, err_code, description: 'what the server says' });

test('one server and several say in two ways that somebody else has written first', () => {
  expect([10_071, 10_164].map((code) => isConflict(said(code)))).toEqual([true, true]);
});

test('what else a server says, or does not say, is no conflict', () => {
  expect([said(10_077), new Error('timeout'), null].map(isConflict)).toEqual([false, false, false]);
});
