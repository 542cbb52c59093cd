import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createActor, fromCallback } from 'xstate';
import { GatewayError } from '../../../src/errors/index.js';
import { audioProcessorMachine } from '../../../src/session/audio-processor-machine.js';

const deadlines = {
  startTimeoutMs: 1_000,
  maxSessionMs: 60_000,
  drainTimeoutMs: 5_000,
  resumeWindowMs: 1_000,
};
const running = (audio: string, client = 'attached') => ({ running: { audio, client } });

/** The machine with a pipeline that only writes down what happens to it. */
function startedActor() {
  const pipeline: string[] = [];
  const machine = audioProcessorMachine.provide({
    actors: {
      pipeline: fromCallback(({ receive }) => {
        pipeline.push('opened');
        receive(({ type }) => pipeline.push(type));
        return () => pipeline.push('closed');
      }),
    },
  });
  const actor = createActor(machine, { input: deadlines });
  actor.start();
  return { actor, pipeline };
}

describe('audioProcessorMachine', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('the pipeline lives exactly as long as RUNNING', () => {
    const { actor, pipeline } = startedActor();
    expect(pipeline).toEqual([]);
    actor.send({ type: 'START' });
    actor.send({ type: 'START' });
    actor.send({ type: 'READY' });
    expect(actor.getSnapshot().value).toEqual(running('streaming'));
    actor.send({ type: 'STOP', reason: 'client_stopped' });
    actor.send({ type: 'STOP', reason: 'again' });
    expect(actor.getSnapshot().value).toEqual(running('draining'));
    actor.send({ type: 'DRAINED' });
    expect(actor.getSnapshot()).toMatchObject({
      value: 'stopped',
      context: { failure: null, reason: 'client_stopped' },
    });
    expect(pipeline).toEqual(['opened', 'END_INPUT', 'closed']);
  });

  test('a stop that comes while starting lets early audio be transcribed', () => {
    const { actor, pipeline } = startedActor();
    actor.send({ type: 'START' });
    actor.send({ type: 'STOP', reason: 'client_stopped' });
    expect(actor.getSnapshot().value).toEqual(running('stopping'));
    actor.send({ type: 'READY' });
    expect(actor.getSnapshot().value).toEqual(running('draining'));
    expect(pipeline).toEqual(['opened', 'END_INPUT']);
  });

  test.each([
    ['starting', [], 1_000, 'start_timeout'],
    ['stopping', [{ type: 'STOP', reason: 'x' }], 1_000, 'start_timeout'],
    ['draining', [{ type: 'READY' }, { type: 'STOP', reason: 'x' }], 5_000, 'drain_timeout'],
  ] as const)('%s has a deadline', (state, events, ms, code) => {
    const { actor, pipeline } = startedActor();
    actor.send({ type: 'START' });
    for (const event of events) actor.send(event);
    expect(actor.getSnapshot().value).toEqual(running(state));
    vi.advanceTimersByTime(ms - 1);
    expect(actor.getSnapshot().status).toBe('active');
    vi.advanceTimersByTime(1);
    expect(actor.getSnapshot().value).toBe('stopped');
    expect(actor.getSnapshot().context.failure?.code).toBe(code);
    expect(pipeline.at(-1)).toBe('closed');
  });

  test('the longest session is drained, not dropped', () => {
    const { actor } = startedActor();
    actor.send({ type: 'START' });
    actor.send({ type: 'READY' });
    vi.advanceTimersByTime(60_000);
    expect(actor.getSnapshot()).toMatchObject({
      value: running('draining'),
      context: { reason: 'session_too_long' },
    });
  });

  test('a container that ends by itself ends the session', () => {
    const { actor } = startedActor();
    actor.send({ type: 'START' });
    actor.send({ type: 'READY' });
    actor.send({ type: 'DRAINED' });
    expect(actor.getSnapshot().context).toMatchObject({ failure: null, reason: 'audio_ended' });
  });

  test.each(['starting', 'streaming', 'draining'])('a failure while %s is recorded', (state) => {
    const { actor, pipeline } = startedActor();
    actor.send({ type: 'START' });
    if (state !== 'starting') actor.send({ type: 'READY' });
    if (state === 'draining') actor.send({ type: 'STOP', reason: 'x' });
    const error = new GatewayError('decoder_crashed');
    actor.send({ type: 'FAILED', error });
    expect(actor.getSnapshot().context.failure).toBe(error);
    expect(pipeline.filter((event) => event === 'closed')).toHaveLength(1);
  });

  test.each(['streaming', 'draining'])(
    'a client that is cut off while %s may come back',
    (audio) => {
      const { actor, pipeline } = startedActor();
      actor.send({ type: 'START' });
      actor.send({ type: 'READY' });
      if (audio === 'draining') actor.send({ type: 'STOP', reason: 'client_stopped' });
      actor.send({ type: 'DETACH' });
      expect(actor.getSnapshot().value).toEqual(running(audio, 'detached'));
      vi.advanceTimersByTime(999);
      actor.send({ type: 'ATTACH' });
      vi.advanceTimersByTime(1_000);
      expect(actor.getSnapshot().value).toEqual(running(audio));
      expect(pipeline).not.toContain('closed');

      actor.send({ type: 'DETACH' });
      vi.advanceTimersByTime(1_000);
      expect(actor.getSnapshot()).toMatchObject({
        value: 'stopped',
        context: { failure: null, reason: 'resume_expired' },
      });
      expect(pipeline.at(-1)).toBe('closed');
    },
  );

  test('what was heard is finished while the client is away', () => {
    const { actor } = startedActor();
    actor.send({ type: 'START' });
    actor.send({ type: 'READY' });
    actor.send({ type: 'STOP', reason: 'client_stopped' });
    actor.send({ type: 'DETACH' });
    actor.send({ type: 'DRAINED' });
    expect(actor.getSnapshot().context).toMatchObject({ failure: null, reason: 'client_stopped' });
  });

  test('STOPPED is the end, from IDLE too', () => {
    const { actor, pipeline } = startedActor();
    actor.send({ type: 'ABORT', reason: 'connection_closed' });
    expect(actor.getSnapshot().status).toBe('done');
    expect(actor.getSnapshot().value).toBe('stopped');
    expect(pipeline).toEqual([]);
  });
});
