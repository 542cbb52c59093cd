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
    const unused = registry.open(back);
    expect(registry.open(new ScriptedClient())).toBeNull();
    const resume = {
      session_id: session.id,
      resume_token: token,
      last_seq: lastSeq(client.events),
    };
    const moved = await registry.resume(back, resume, unused);
    expect([moved?.id, registry.size]).toEqual([session.id, 1]);
  });
});

/** A client that leaves once it was told of the end. */
async function closing(session: Session, client: ScriptedClient): Promise<void> {
  await eventually(() => client.end);
  session.leave(client, true);
}
