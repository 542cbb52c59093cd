import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Resume, ServerEvent } from '../../../src/protocol/index.js';
import type { Session, SessionRegistry } from '../../../src/session/index.js';
import { checkSession } from '../../support/check-session.js';
import { MemorySessionStore } from '../../support/memory-session-store.js';
import {
  eventually,
  numbers,
  ScriptedClient,
  scriptedSessions,
  startSession,
} from '../../support/scripted-sessions.js';

/** Frames of voice activity are counted from where a gateway begins to listen. */
const frameMs = 32;

const finalsOf = (events: readonly ServerEvent[]) =>
  events.flatMap((event) =>
    event.type === 'final'
      ? [[event.utterance_id, event.start_ms, event.end_ms, event.text] as const]
      : [],
  );
const lastSeq = (events: readonly ServerEvent[]) =>
  Math.max(0, ...events.map((event) => ('seq' in event ? (event.seq ?? 0) : 0)));
const ledgerOf = (events: readonly ServerEvent[]) =>
  events.flatMap((event) => ('ledger' in event ? [event.ledger] : []))[0];

/** Comes back to a session, and says what it was sent and from which byte to go on. */
async function comeBack(registry: SessionRegistry, resume: Resume) {
  const client = new ScriptedClient();
  const session = (await registry.resume(client, resume)) as Session;
  const told = await eventually(() =>
    client.events.find((event) => event.type === 'progress' && event.received_bytes !== undefined),
  );
  return { client, session, from: (told as { received_bytes: number }).received_bytes };
}

/** How a gateway is lost: without a word, or at rest after it left its sessions to others. */
type Loss = 'cut_off' | 'drained';

/** A client that writes audio, and goes on at another gateway wherever it loses one. */
async function stream(
  audio: Uint8Array,
  steps: readonly { bytes: number; unseen: number; loss: Loss; turns: number }[],
  kept = 1,
) {
  const store = new MemorySessionStore(() => Math.random() > kept);
  let { registry } = scriptedSessions({}, store);
  const started = await startSession(registry);
  let { client, session } = started;
  const seen: ServerEvent[] = [];
  let at = 0;
  for (const { bytes, unseen, loss, turns } of steps) {
    session.processor.write(audio.subarray(at, at + bytes));
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    if (loss === 'drained') await registry.drain(1_000);
    const began = seen.length === 0 ? 2 : 0;
    seen.push(...client.events.slice(0, Math.max(began, client.events.length - unseen)));
    registry = scriptedSessions({}, store).registry;
    const back = await comeBack(registry, {
      session_id: session.id,
      resume_token: started.token,
      last_seq: lastSeq(seen),
    });
    client = back.client;
    session = back.session;
    at = back.from;
  }
  session.processor.write(audio.subarray(at));
  session.processor.stop();
  await eventually(() => client.end);
  seen.push(...client.events);
  session.leave(client, true);
  await session.over;
  expect(registry.size).toBe(0);
  await eventually(() => (store.sessions.size === 0 ? true : undefined));
  return seen;
}

describe('a session whose gateway is lost', () => {
  test('wherever and however often: nothing is lost, and nothing comes twice', async () => {
    const audio = numbers(4);
    const whole = await stream(audio, []);
    expect(finalsOf(whole).map((final) => final[3])).toEqual(['n1', 'n2', 'n3', 'n4']);
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            bytes: fc.oneof(fc.nat(50), fc.nat(60_000)),
            unseen: fc.nat(6),
            turns: fc.nat(12),
            loss: fc.constantFrom<Loss>('cut_off', 'drained'),
          }),
          { maxLength: 6 },
        ),
        fc.constantFrom(1, 0.9, 0.5, 0),
        async (steps, kept) => {
          const events = await stream(audio, steps, kept);
          checkSession({ events });
          const close = (ms: number) => (other: number) => Math.abs(other - ms) <= frameMs;
          expect(finalsOf(events)).toEqual(
            finalsOf(whole).map(([id, start, end, text]) => [
              id,
              expect.toSatisfy(close(start)),
              expect.toSatisfy(close(end)),
              text,
            ]),
          );
          const { received_ms, shed_ms } = ledgerOf(whole) ?? expect.fail('without a ledger');
          expect(ledgerOf(events)).toMatchObject({ received_ms, shed_ms });
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);

  test('and that cannot leave it to another one: it is finished where it is', async () => {
    const store = new MemorySessionStore();
    const { registry } = scriptedSessions({}, store);
    const { client, session } = await startSession(registry);
    session.processor.write(numbers(2));
    await eventually(() => finalsOf(client.events)[0]);
    store.available = false;
    await Promise.all([registry.drain(1_000), closing(session, client)]);
    expect(client.end).toMatchObject({ reason: 'server_draining' });
    expect(finalsOf(client.events).map((final) => final[3])).toEqual(['n1', 'n2']);
    checkSession(client);
  });

  test('is let in where others are refused, and takes the place of one that was not used', async () => {
    const store = new MemorySessionStore();
    const { session, client, token } = await startSession(scriptedSessions({}, store).registry);
    const { registry } = scriptedSessions({ maxConnections: 1 }, store);
    const back = new ScriptedClient();
    const unused = registry.open(back) as Session;
    expect(registry.open(new ScriptedClient())).toMatchObject({ code: 'too_many_connections' });
    const resume = {
      session_id: session.id,
      resume_token: token,
      last_seq: lastSeq(client.events),
    };
    const moved = await registry.resume(back, resume, unused);
    expect([moved?.id, registry.size]).toEqual([session.id, 1]);
  });
});

describe('while a session is taken over', () => {
  const resumeOf = (
    { session, client, token }: Awaited<ReturnType<typeof startSession>>,
    last_seq = lastSeq(client.events),
  ) => ({ session_id: session.id, resume_token: token, last_seq });

  /** A session that is about to be claimed, as soon as the store lets it. */
  const takeSlowly = async () => {
    const store = new SlowSessionStore();
    const started = await startSession(scriptedSessions({}, store).registry);
    const { registry, places } = scriptedSessions({}, store);
    const back = new ScriptedClient();
    const taken = registry.resume(back, resumeOf(started));
    await store.asked.opened;
    return { store, started, registry, places, back, taken };
  };

  test('its client may be cut off once more: it waits, since the token is known', async () => {
    const store = new MemorySessionStore();
    const started = await startSession(scriptedSessions({}, store).registry);
    started.session.processor.write(numbers(1));
    const resume = resumeOf(started);
    const loading = new Gate();
    const { registry, engine } = scriptedSessions({}, store, {
      leaseModel: async () => {
        await loading.opened;
        return { model: 'scripted', engine, release() {} };
      },
    });
    const back = new ScriptedClient();
    const moved = (await registry.resume(back, resume)) as Session;
    moved.leave(back, false);
    expect([moved.processor.started, registry.detached]).toEqual([false, 1]);
    loading.open();
    const again = await comeBack(registry, resume);
    again.session.processor.write(numbers(1).subarray(again.from));
    again.session.processor.stop();
    await eventually(() => again.client.end);
    expect(finalsOf(again.client.events).map((final) => final[3])).toEqual(['n1']);
    expect(again.client.events[0]).toMatchObject({ seq: resume.last_seq + 1 });
  });

  test('and its gateway drains: it is left to the next one', async () => {
    const { store, started, registry, places, back, taken } = await takeSlowly();
    const drained = registry.drain(1_000);
    store.claims.open();
    await Promise.all([taken, drained]);
    expect(back.dismissals).toEqual(['server_draining']);
    expect([registry.size, places()]).toEqual([0, 0]);
    await comeBack(scriptedSessions({}, store).registry, resumeOf(started));
  });

  test('and ends where it was: the end is told, and no place is taken', async () => {
    const { store, started, places, back, taken } = await takeSlowly();
    started.session.processor.stop();
    await eventually(() => started.client.end);
    store.claims.open();
    expect(await taken).toBeNull();
    expect(back.end).toMatchObject({ reason: 'client_stopped' });
    expect(places()).toBe(0);
  });
});

describe('what is kept of a session', () => {
  test('does without its last events, for whoever was told all of them', async () => {
    const store = new MemorySessionStore();
    const started = await startSession(scriptedSessions({}, store).registry);
    await eventually(() => store.sessions.get(started.session.id));
    const { entries } = store.sessions.get(started.session.id) ?? expect.fail('nothing');
    const newest = entries.at(-1) ?? expect.fail('no entry');
    // So long ago that they are gone; what it is was written down again since.
    entries.splice(0, entries.length, { ...newest, entry: { ...newest.entry, events: [] } });
    const { registry } = scriptedSessions({}, store);
    const seen = newest.entry.checkpoint.seq;
    const resume = { session_id: started.session.id, resume_token: started.token };
    await expect(comeBack(registry, { ...resume, last_seq: seen - 1 })).rejects.toMatchObject({
      code: 'resume_unknown',
    });
    const back = await comeBack(registry, { ...resume, last_seq: seen });
    expect(back.client.events[0]).toMatchObject({ seq: seen + 1 });
  });

  test('does not hold its token', async () => {
    const store = new MemorySessionStore();
    const { session, token } = await startSession(scriptedSessions({}, store).registry);
    const written = await eventually(() => store.sessions.get(session.id));
    expect(JSON.stringify(written)).toContain('transcription_started');
    expect(JSON.stringify(written)).not.toContain(token);
  });
});

/** Opens once. */
class Gate {
  open = () => {};
  readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });
}

/** Sessions that are claimed only when the test says so. */
class SlowSessionStore extends MemorySessionStore {
  readonly asked = new Gate();
  readonly claims = new Gate();

  override async find(id: string) {
    const kept = await super.find(id);
    if (!kept) return null;
    const claim = async () => {
      this.asked.open();
      await this.claims.opened;
      return kept.claim();
    };
    return { ...kept, claim };
  }
}

/** A client that leaves once it was told of the end. */
async function closing(session: Session, client: ScriptedClient): Promise<void> {
  await eventually(() => client.end);
  session.leave(client, true);
}
