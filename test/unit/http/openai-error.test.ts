import { expect, it } from 'vitest';
import { GatewayError } from '../../../src/errors/index.js';
import { openAiError } from '../../../src/http/openai-error.js';

it('names the field that is to blame', () => {
  const error = new GatewayError('bad_field', { message: 'speed is too high.', param: 'speed' });
  expect(openAiError(error)).toEqual({
    status: 400,
    headers: {},
    body: {
      error: {
        message: 'speed is too high.',
        type: 'invalid_request_error',
        param: 'speed',
        code: 'bad_field',
      },
    },
  });
});

it('says in whole seconds when to try again', () => {
  const { status, headers, body } = openAiError(
    new GatewayError('speech_busy', { retryAfterMs: 1_200 }),
  );
  expect([status, headers, body.error.type]).toEqual([
    429,
    { 'retry-after': '2' },
    'rate_limit_error',
  ]);
});

it('tells nothing of a defect', () => {
  const { status, body } = openAiError(new TypeError('secret is not a function'));
  expect(status).toBe(500);
  expect(body.error).toMatchObject({ type: 'server_error', param: null, code: 'internal_error' });
  expect(JSON.stringify(body)).not.toContain('secret');
});
