import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Resume, ServerEvent } from '../../../src/protocol/index.js';
import type { Session, SessionRegistry } from '../../../src/session/index.js';
import { checkSession } from '../../support/check-session.js';
import { scriptedCaller } from '../../support/scripted-caller.js';
import {
  eventually,
  numbers,
  ScriptedClient,
  scriptedSessions,
  startSession,
} from '../../support/scripted-sessions.js';

const finalsOf = (events: readonly ServerEvent[]) =>
  events.flatMap((event) => (event.type === 'final' ? [[event.start_ms, event.text]] : []));
const lastSeq = (events: readonly ServerEvent[]) =>
  Math.max(0, ...events.map((event) => ('seq' in event ? (event.seq ?? 0) : 0)));
const ledgerOf = (events: readonly ServerEvent[]) =>
  events.flatMap((event) => ('ledger' in event ? [event.ledger] : []))[0];

/** Comes back to a session, and says what it was sent and from which byte to go on. */
async function comeBack(registry: SessionRegistry, resume: Resume) {
  const client = new ScriptedClient();
  const session = (await registry.resume(client, resume)) as Session;
  const told = client.events.findLast((event) => event.type === 'progress');
  return { client, session, from: told?.received_bytes ?? 0, told };
}

/** A client that writes audio, and is cut off where it is told to be. */
async function stream(
  audio: Uint8Array,
  steps: readonly { bytes: number; lost: number; takeOver: boolean }[],
) {
  const { registry } = scriptedSessions();
  const started = await startSession(registry);
  let { client, session } = started;
  const kept: ServerEvent[] = [];
  let at = 0;
  for (const { bytes, lost, takeOver } of steps) {
    session.processor.write(audio.subarray(at, at + bytes));
    at = Math.min(audio.length, at + bytes);
    await new Promise((resolve) => setImmediate(resolve));
    if (!takeOver) session.leave(client, false);
    // The newest events never reached the client; the first one did, for it told the token.
    const began = kept.length === 0 ? 2 : 0;
    kept.push(...client.events.slice(0, Math.max(began, client.events.length - lost)));
    const resume = { session_id: session.id, resume_token: started.token, last_seq: lastSeq(kept) };
    const back = await comeBack(registry, resume);
    client = back.client;
    session = back.session;
    at = back.from;
  }
  session.processor.write(audio.subarray(at));
  session.processor.stop();
  await session.processor.stopped;
  kept.push(...client.events);
  session.leave(client, true);
  await session.over;
  expect(registry.size).toBe(0);
  return kept;
}

describe('a session that was cut off', () => {
  test('wherever and however often: nothing is lost, and nothing comes twice', async () => {
    const audio = numbers(4);
    const whole = await stream(audio, []);
    expect(finalsOf(whole).map(([, text]) => text)).toEqual(['n1', 'n2', 'n3', 'n4']);
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            bytes: fc.oneof(fc.nat(50), fc.nat(60_000)),
            lost: fc.nat(6),
            takeOver: fc.boolean(),
          }),
          { maxLength: 8 },
        ),
        async (steps) => {
          const events = await stream(audio, steps);
          checkSession({ events });
          expect(finalsOf(events)).toEqual(finalsOf(whole));
          expect(ledgerOf(events)).toEqual(ledgerOf(whole));
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);

  test('before it was started: it ends, for nobody was given its token', async () => {
    const { registry } = scriptedSessions();
    const client = new ScriptedClient();
    const session = registry.open(client) as Session;
    session.leave(client, false);
    await session.over;
    expect(registry.size).toBe(0);
  });

  test.each([
    ['closed on purpose', { resumable: true }, true],
    ['not resumable', { resumable: false }, false],
  ])('%s: it ends at once', async (_, fields, onPurpose) => {
    const { registry } = scriptedSessions();
    const { client, session } = await startSession(registry, fields);
    session.leave(client, onPurpose);
    expect(await session.processor.stopped).toMatchObject({ reason: 'connection_closed' });
    await session.over;
    expect(registry.size).toBe(0);
  });

  test('a window of 0 lets no session wait', async () => {
    const { registry } = scriptedSessions({ resumeWindowMs: 0 });
    const { client, session, token } = await startSession(registry);
    expect(token).toBe('');
    session.leave(client, false);
    await session.over;
  });

  test('for too long: it ends, its place is free, and nobody knows it', async () => {
    const { registry, outcomes } = scriptedSessions({ resumeWindowMs: 30 });
    const { client, session, token } = await startSession(registry);
    session.processor.write(numbers(1).subarray(0, 10_001));
    session.leave(client, false);
    expect(registry.detached).toBe(1);
    const end = await session.processor.stopped;
    expect(end).toMatchObject({ reason: 'resume_expired', error: null });
    const { transcribed_ms, silence_ms, shed_ms, received_ms } = end.ledger;
    expect(transcribed_ms + silence_ms + shed_ms).toBe(received_ms);
    await session.over;
    expect([registry.size, registry.detached]).toEqual([0, 0]);
    await expect(
      comeBack(registry, { session_id: session.id, resume_token: token, last_seq: 0 }),
    ).rejects.toMatchObject({ code: 'resume_unknown' });
    expect(outcomes).toEqual(['expired', 'unknown']);
  });

  test('with a wrong token it is as unknown as one that never was', async () => {
    const { registry } = scriptedSessions();
    const { session, token } = await startSession(registry);
    const wrong = [
      { session_id: session.id, resume_token: 'guessed', last_seq: 0 },
      { session_id: session.id, resume_token: '', last_seq: 0 },
      { session_id: 'never-was', resume_token: token, last_seq: 0 },
      { session_id: session.id, resume_token: token, last_seq: 1_000 },
    ];
    const refusals = await Promise.all(
      wrong.map((resume) =>
        comeBack(registry, resume).then(
          () => 'resumed',
          (error) => `${error.code}: ${error.message}`,
        ),
      ),
    );
    expect(new Set(refusals).size).toBe(1);
    expect(refusals[0]).toMatch(/^resume_unknown/);
  });

  test('while it drains: the rest is told on the next connection', async () => {
    const { registry, engine } = scriptedSessions();
    const { client, session, token } = await startSession(registry, { interim_results: false });
    engine.hold();
    session.processor.write(numbers(2));
    session.processor.stop();
    await engine.arrived(2);
    session.leave(client, false);
    const resume = {
      session_id: session.id,
      resume_token: token,
      last_seq: lastSeq(client.events),
    };
    const back = await comeBack(registry, resume);
    engine.release();
    expect(await session.processor.stopped).toMatchObject({ reason: 'client_stopped' });
    expect(finalsOf(back.client.events).map(([, text]) => text)).toEqual(['n1', 'n2']);
    expect(back.client.end).toMatchObject({ reason: 'client_stopped' });
    checkSession({ events: [...client.events, ...back.client.events] });
  });

  test('and over before its client came back: the end is kept for it, once', async () => {
    const { registry } = scriptedSessions();
    const { client, session, token } = await startSession(registry);
    session.processor.write(numbers(2));
    session.processor.stop();
    session.leave(client, false);
    const seen = [...client.events];
    await session.processor.stopped;
    expect(registry.detached).toBe(1);
    const resume = { session_id: session.id, resume_token: token, last_seq: lastSeq(seen) };
    const back = await comeBack(registry, resume);
    expect(back.client.events.at(-1)).toMatchObject({ type: 'transcription_stopped' });
    expect(back.client.end).toMatchObject({ reason: 'client_stopped' });
    checkSession({ events: [...seen, ...back.client.events] });
    back.session.leave(back.client, true);
    await session.over;
    expect(registry.size).toBe(0);
  });

  test('its end is kept no longer than its client may be away', async () => {
    const { registry, outcomes } = scriptedSessions({ resumeWindowMs: 20 });
    const { client, session } = await startSession(registry);
    session.processor.stop();
    await session.processor.stopped;
    // The last event was sent, but the connection broke before the client confirmed the close.
    session.leave(client, false);
    await session.over;
    expect(outcomes).toEqual(['expired']);
  });

  test('the connection that still hangs is given up for the new one', async () => {
    const { registry } = scriptedSessions();
    const { client, session, token } = await startSession(registry);
    const before = client.events.length;
    const back = await comeBack(registry, {
      session_id: session.id,
      resume_token: token,
      last_seq: 2,
    });
    expect(client.dismissals).toEqual(['session_taken_over']);
    // That the old socket closes at last is nobody's concern any more.
    session.leave(client, false);
    session.processor.write(numbers(1));
    session.processor.stop();
    await session.processor.stopped;
    expect(client.events).toHaveLength(before);
    expect(finalsOf(back.client.events).map(([, text]) => text)).toEqual(['n1']);
  });

  test.each([
    ['events', { replayMaxEvents: 3 }],
    ['bytes', { replayMaxBytes: 4_096 }],
  ])('more %s missed than are kept cannot be made good', async (_, limits) => {
    const { registry } = scriptedSessions(limits);
    const { client, session, token } = await startSession(registry);
    const seen = lastSeq(client.events);
    session.leave(client, false);
    session.processor.write(numbers(12));
    session.processor.finalize();
    await eventually(() => (session.processor.sequence > seen + 30 ? true : undefined));
    const resume = { session_id: session.id, resume_token: token, last_seq: seen };
    await expect(comeBack(registry, resume)).rejects.toMatchObject({ code: 'resume_unknown' });
    // Whoever missed less comes back all the same.
    await comeBack(registry, { ...resume, last_seq: session.processor.sequence - 2 });
  });

  test('a new recording: what lies between is shed as a gap, what overlaps is heard once', async () => {
    const { registry } = scriptedSessions();
    const { client, session, token } = await startSession(registry);
    const audio = numbers(4);
    session.processor.write(audio.subarray(0, 51_200));
    session.leave(client, false);
    const resume = { session_id: session.id, resume_token: token };
    // The second number was never recorded; of the third there is a recording from 3.2 s on.
    const second = await comeBack(registry, {
      ...resume,
      last_seq: lastSeq(client.events),
      start_ms: 3_200,
    });
    second.session.processor.write(audio.subarray(102_400, 153_600));
    second.session.leave(second.client, false);
    // And another one that repeats its last 600 ms.
    const seen = [...client.events, ...second.client.events];
    const third = await comeBack(registry, { ...resume, last_seq: lastSeq(seen), start_ms: 4_200 });
    third.session.processor.write(audio.subarray(134_400));
    third.session.processor.stop();
    await session.processor.stopped;
    const events = [...seen, ...third.client.events];
    expect(finalsOf(events).map(([, text]) => text)).toEqual(['n1', 'n3', 'n4']);
    expect(events.filter(({ type }) => type === 'warning')).toHaveLength(1);
    expect(ledgerOf(events)).toMatchObject({
      received_ms: 6_400,
      shed_ms: 1_600,
      shed: [{ start_ms: 1_600, end_ms: 3_200, code: 'gap' }],
    });
    checkSession({ events });
  });
});

describe('places', () => {
  test('a session that waits keeps its place; its client needs none to come back', async () => {
    const { registry } = scriptedSessions({ maxConnections: 1 });
    const { client, session, token } = await startSession(registry);
    session.leave(client, false);
    const guest = new ScriptedClient();
    expect(registry.open(guest)).toMatchObject({ code: 'too_many_connections' });
    expect(() => registry.open(new ScriptedClient())).toThrow(
      expect.objectContaining({ code: 'too_many_connections' }),
    );
    await registry.resume(guest, { session_id: session.id, resume_token: token, last_seq: 1 });
    expect([registry.size, registry.detached]).toEqual([1, 0]);
    // A guest that left makes room for another one.
    const other = new ScriptedClient();
    registry.open(other);
    registry.dismissed(other);
    expect(registry.open(new ScriptedClient())).toMatchObject({ code: 'too_many_connections' });
  });

  test('whoever may speak in one room only does not go on in another', async () => {
    const { registry } = scriptedSessions();
    const { client, session, token } = await startSession(registry, { room: 'board' });
    const resume = { session_id: session.id, resume_token: token, last_seq: 1 };
    const bound = (room: string) => new ScriptedClient(scriptedCaller({ room }));
    await expect(registry.resume(bound('hall'), resume)).rejects.toMatchObject({
      code: 'resume_unknown',
    });
    expect(client.dismissals).toEqual([]);
    expect(await registry.resume(bound('board'), resume)).toBe(session);
  });

  test('beyond the limit of those that wait, the one that waits longest ends', async () => {
    const { registry } = scriptedSessions({ maxDetachedSessions: 2 });
    const started = await Promise.all([1, 2, 3].map(() => startSession(registry)));
    for (const { client, session } of started) session.leave(client, false);
    const end = await started[0]?.session.processor.stopped;
    expect(end?.reason).toBe('resume_expired');
    await started[0]?.session.over;
    expect([registry.size, registry.detached]).toEqual([2, 2]);
  });

  test('a drain finishes what was heard, and waits for nobody', async () => {
    const { registry } = scriptedSessions();
    const { client, session } = await startSession(registry);
    session.processor.write(numbers(1));
    session.leave(client, false);
    const ended = await startSession(registry);
    ended.session.processor.stop();
    await ended.session.processor.stopped;
    ended.session.leave(ended.client, false);
    expect(registry.size).toBe(2);
    await registry.drain(10_000);
    expect(registry.size).toBe(0);
    const end = await session.processor.stopped;
    expect(end).toMatchObject({ reason: 'server_draining', ledger: { shed_ms: 0 } });
    expect(() => registry.open(new ScriptedClient())).toThrow(
      expect.objectContaining({ code: 'server_draining' }),
    );
  });
});
