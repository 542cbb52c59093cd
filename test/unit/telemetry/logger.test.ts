import { expect, test } from 'vitest';
import { createLogger, withinRequest } from '../../../src/telemetry/index.js';

function logger() {
  const lines: Record<string, unknown>[] = [];
  return { log: createLogger('info', { write: (line) => lines.push(JSON.parse(line)) }), lines };
}

test('what clients say or carry is left out, at the top and one level below', () => {
  const { log, lines } = logger();
  const secret = { authorization: 'Bearer k', apiKey: 'k', token: 'k', resumeToken: 'k' };
  log.info({ pii: 'words', url: '/?token=k', headers: secret, ...secret, answer: 42 }, 'top');
  log.info({ request: { pii: 'words', url: '/?token=k', headers: secret, ...secret } }, 'below');
  const common = { level: 30, time: expect.any(String) };
  expect(lines).toEqual([
    { ...common, answer: 42, msg: 'top' },
    { ...common, request: {}, msg: 'below' },
  ]);
});

test('errors say what failed and where, with what is behind them', () => {
  const { log, lines } = logger();
  const cause = new TypeError('undefined is not a function');
  log.error({ error: new Error('no luck', { cause }) }, 'failed');
  log.warn({ cause }, 'failed');
  log.warn({ cause: 'killed by SIGKILL' }, 'failed');
  expect(lines).toMatchObject([
    { error: { type: 'Error', message: 'no luck: undefined is not a function' } },
    { cause: { type: 'TypeError', stack: expect.stringContaining('logger.test.ts') } },
    { cause: 'killed by SIGKILL' },
  ]);
});

test('of what is no JSON nothing is quoted', () => {
  const { log, lines } = logger();
  try {
    JSON.parse('marmalade');
  } catch (cause) {
    log.error({ cause, error: new Error('bad message', { cause }) }, 'failed');
  }
  expect(lines).toMatchObject([{ cause: { type: 'SyntaxError' }, error: { type: 'Error' } }]);
  expect(JSON.stringify(lines)).not.toContain('marm');
});

test('lines name their request until it is over, also those of child loggers', async () => {
  const { log, lines } = logger();
  const context = { requestId: 'r1', over: false };
  await withinRequest(context, async () => {
    await Promise.resolve();
    log.child({ sessionId: 's1' }).info('during');
    context.over = true;
    log.info('after');
  });
  log.info('outside');
  expect(lines.map(({ msg, requestId, sessionId }) => [msg, requestId, sessionId])).toEqual([
    ['during', 'r1', 's1'],
    ['after', undefined, undefined],
    ['outside', undefined, undefined],
  ]);
});
