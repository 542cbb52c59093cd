import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../../src/errors/index.js';
import { type SessionFigures, sessionStats } from '../../../src/session/session-stats.js';
import {
  eventually,
  numbers,
  ScriptedClient,
  scriptedSessions,
  startSession,
} from '../../support/scripted-sessions.js';

const figures = (lag_ms: number, state: SessionFigures['state'] = 'streaming'): SessionFigures => ({
  session_id: `${lag_ms}`,
  state,
  room: null,
  speaker: null,
  started_at: 0,
  language: 'en',
  model: 'base',
  rung: null,
  received_ms: 60_000,
  lag_ms,
});

describe('sessionStats', () => {
  test('of nobody', () => {
    expect(sessionStats([])).toEqual({ open: 0, detached: 0, lag_ms: null, listed: [] });
  });

  test('tells delays of those that audio flows in', () => {
    const delays = [...Array(20).keys()].map((n) => figures((n + 1) * 100));
    const idle = [figures(0, 'idle'), figures(9_000, 'detached')];
    const { open, detached, lag_ms } = sessionStats([...delays, ...idle]);
    expect([open, detached]).toEqual([22, 1]);
    expect(lag_ms).toEqual({ p50: 1_000, p95: 1_900, max: 2_000 });
    expect(sessionStats([figures(700)]).lag_ms).toEqual({ p50: 700, p95: 700, max: 700 });
  });

  test('lists a hundred at most, those that are furthest behind', () => {
    const { open, listed } = sessionStats([...Array(300).keys()].map((n) => figures(n)));
    expect(open).toBe(300);
    expect(listed.map(({ lag_ms }) => lag_ms)).toEqual([...Array(100).keys()].map((n) => 299 - n));
  });
});

describe('the sessions of a registry', () => {
  test('tell where they are, and nothing of what is said', async () => {
    const { registry } = scriptedSessions();
    registry.open(new ScriptedClient());
    const { client, session } = await startSession(registry, { room: 'hall', speaker: 'Ada' });
    session.processor.write(numbers(2));
    await eventually(() => client.events.find(({ type }) => type === 'final'));
    const { listed } = registry.stats;
    const byState = new Map(listed.map((each) => [each.state, each]));
    expect(byState.get('idle')).toMatchObject({ language: null, model: null, started_at: null });
    expect(byState.get('streaming')).toEqual({
      session_id: session.id,
      state: 'streaming',
      room: 'hall',
      speaker: 'Ada',
      started_at: expect.any(Number),
      language: 'en',
      model: expect.any(String),
      rung: expect.any(String),
      received_ms: expect.any(Number),
      lag_ms: expect.any(Number),
    });
    expect(byState.get('streaming')?.received_ms).toBeGreaterThan(0);
    session.leave(client, false);
    expect(registry.stats).toMatchObject({ open: 2, detached: 1 });
    expect(registry.stats.listed.map(({ state }) => state)).toContain('detached');
    session.expire();
    await session.over;
    expect(registry.stats.open).toBe(1);
  });

  test('while none are accepted, those there are go on and may be resumed', async () => {
    const { registry } = scriptedSessions();
    const { client, session, token } = await startSession(registry);
    registry.accepting = false;
    expect(registry.draining).toBe(true);
    expect(registry.refusal?.code).toBe('server_draining');
    session.processor.write(numbers(2));
    session.leave(client, false);
    // A connection without a place, which may have come for a session that has one.
    const back = new ScriptedClient();
    expect(registry.open(back)).toMatchObject({ code: 'server_draining' });
    const resumed = await registry.resume(back, {
      session_id: session.id,
      resume_token: token,
      last_seq: 2,
    });
    expect(resumed).toBe(session);
    session.processor.stop();
    expect((await session.processor.stopped).error).toBeNull();
    session.leave(back, true);
    await session.over;
    expect(() => registry.open(new ScriptedClient())).toThrow(/shutting down/);
    registry.accepting = true;
    expect(registry.open(new ScriptedClient())).not.toBeInstanceOf(GatewayError);
  });

  test('a gateway that shuts down accepts nobody again', async () => {
    const { registry } = scriptedSessions();
    registry.accepting = false;
    await registry.drain(1_000);
    registry.accepting = true;
    expect(registry.draining).toBe(true);
    expect(registry.refusal?.code).toBe('server_draining');
  });
});
