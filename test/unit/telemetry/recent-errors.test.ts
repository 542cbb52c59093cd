import { expect, test } from 'vitest';
import { createRecentErrors } from '../../../src/telemetry/index.js';

test('tells the newest first, and how often the same came in a row', () => {
  let now = 0;
  const errors = createRecentErrors(() => ++now);
  errors.note('engine_died');
  errors.note('invalid_api_key');
  errors.note('invalid_api_key', null);
  errors.note('engine_timeout', 'a');
  errors.note('engine_timeout', 'b');
  expect(errors.list).toEqual([
    { at: 5, code: 'engine_timeout', session_id: 'b', count: 1 },
    { at: 4, code: 'engine_timeout', session_id: 'a', count: 1 },
    { at: 3, code: 'invalid_api_key', session_id: null, count: 2 },
    { at: 1, code: 'engine_died', session_id: null, count: 1 },
  ]);
});

test('keeps fifty, and a client that is refused again and again pushes none of them out', () => {
  const errors = createRecentErrors();
  for (let n = 0; n < 60; n++) errors.note('slow_reader', `session ${n}`);
  for (let n = 0; n < 1_000; n++) errors.note('too_many_connections');
  expect(errors.list).toHaveLength(50);
  expect(errors.list[0]).toMatchObject({ code: 'too_many_connections', count: 1_000 });
  expect(errors.list.at(-1)).toMatchObject({ session_id: 'session 11' });
});
