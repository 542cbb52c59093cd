import { describe, expect, test } from 'vitest';
import type { RoomMessage, Rooms } from '../../../src/rooms/index.js';
import type { Session } from '../../../src/session/index.js';
import {
  eventually,
  numbers,
  ScriptedClient,
  scriptedSessions,
  startMessage,
  startSession,
} from '../../support/scripted-sessions.js';

interface Seen {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Somebody who watches and reads at once. */
function watch(rooms: Rooms, name: string) {
  const seen: Seen[] = [];
  const closed: number[] = [];
  const watching = rooms.watch(name, {
    unreadBytes: 0,
    send: (message: RoomMessage) => void seen.push(JSON.parse(String(message.json)) as Seen),
    ping() {},
    close: (code) => void closed.push(code),
    terminate() {},
  });
  return { seen, closed, ...watching };
}

const textsOf = (seen: readonly Seen[]) =>
  seen.flatMap(({ type, text }) => (type === 'final' ? [text] : []));

describe('Rooms', () => {
  test('a viewer sees captions of every session, with speaker and clock, and no secrets', async () => {
    const { registry, rooms } = scriptedSessions();
    const viewer = watch(rooms, 'stage');
    const anna = await startSession(registry, { room: 'stage', speaker: 'Anna' });
    const other = await startSession(registry, { room: 'elsewhere', speaker: 'Bert' });
    for (const { session } of [anna, other]) {
      session.processor.write(numbers(2));
      session.processor.stop();
      await session.processor.stopped;
    }
    expect(viewer.seen[0]).toEqual({ type: 'snapshot', sessions: [] });
    expect(textsOf(viewer.seen)).toEqual(['n1', 'n2']);
    const { started_at } = anna.client.events[1] as { started_at: number };
    for (const event of viewer.seen.slice(1)) {
      expect(event).toMatchObject({ speaker: 'Anna', started_at, session_id: anna.session.id });
    }
    expect(JSON.stringify(viewer.seen)).not.toContain(anna.token);
    expect(viewer.seen.at(-1)?.type).toBe('transcription_stopped');
  });

  test('who comes late sees the lines on the screen, and nothing that is over for long', async () => {
    const { registry, rooms, engine } = scriptedSessions();
    const { session, client } = await startSession(registry, { room: 'stage' });
    session.processor.write(numbers(7));
    await eventually(() =>
      client.events.filter(({ type }) => type === 'final').length >= 6 ? true : undefined,
    );
    await eventually(() => (engine.active === 0 ? true : undefined));
    const [snapshot] = watch(rooms, 'stage').seen;
    const [lines] = (snapshot?.sessions ?? []) as {
      finals: { text: string }[];
      partial: unknown;
    }[];
    const shown = textsOf(client.events as unknown as Seen[]).slice(-5);
    expect(lines?.finals.map(({ text }) => text)).toEqual(shown);
    expect(snapshot?.sessions).toMatchObject([{ speaker: null, ended: false }]);
  });

  test('the room stays while its speaker is cut off, and goes with the last one in it', async () => {
    const { registry, rooms } = scriptedSessions();
    const { session, client, token } = await startSession(registry, { room: 'stage' });
    session.leave(client, false);
    expect(rooms.size).toBe(1);
    const viewer = watch(rooms, 'stage');
    const back = new ScriptedClient();
    registry.resume(back, { session_id: session.id, resume_token: token, last_seq: 2 });
    session.processor.write(numbers(1));
    session.processor.stop();
    await session.processor.stopped;
    expect(textsOf(viewer.seen)).toEqual(['n1']);
    expect(await rooms.captions('stage')).toContain('n1');
    expect(rooms.size).toBe(1);
    viewer.leave();
    viewer.leave();
    expect(rooms.size).toBe(0);
    await expect(rooms.captions('stage')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('rooms and viewers are limited, and names are what an address can hold', async () => {
    const { registry, rooms } = scriptedSessions({ maxRooms: 2, maxRoomViewers: 2 });
    watch(rooms, 'one');
    watch(rooms, 'one');
    expect(() => watch(rooms, 'one')).toThrow(
      expect.objectContaining({ code: 'too_many_viewers' }),
    );
    watch(rooms, 'Saal 2');
    expect(() => watch(rooms, 'three')).toThrow(
      expect.objectContaining({ code: 'too_many_rooms' }),
    );
    for (const name of ['', '../etc', 'a/b', ' x', 'a'.repeat(101), 'a\nb'])
      expect(() => watch(rooms, name)).toThrow(expect.objectContaining({ code: 'bad_field' }));
    // A session that finds no place in a room can still be started without one.
    const client = new ScriptedClient();
    const session = registry.open(client) as Session;
    const { session: full } = await startSession(registry, { room: 'one' });
    expect(() => session.start(startMessage({ room: 'three' }))).toThrow(
      expect.objectContaining({ code: 'too_many_rooms' }),
    );
    expect(full.processor.phase).toBe('running');
    expect(session.processor.phase).toBe('idle');
  });

  test('subtitles are on one clock, in order, and lose the oldest where they grow too long', async () => {
    const { registry, rooms } = scriptedSessions({ maxRoomCaptionBytes: 2_000 });
    watch(rooms, 'stage');
    for (const speaker of ['<Anna> & co', 'Bert']) {
      const { session } = await startSession(registry, { room: 'stage', speaker });
      session.processor.write(numbers(6));
      session.processor.stop();
      await session.processor.stopped;
    }
    const vtt = await rooms.captions('stage');
    const [header, ...cues] = vtt.trimEnd().split('\n\n');
    expect(header).toBe('WEBVTT');
    const starts = cues.map((cue) => {
      const [times, text] = cue.split('\n');
      expect(text).toMatch(/^<v (&lt;Anna&gt; &amp; co|Bert)>n\d<\/v>$/);
      const [start, end] = String(times).split(' --> ');
      expect(start).toMatch(/^\d\d:\d\d:\d\d\.\d{3}$/);
      expect(String(end) > String(start)).toBe(true);
      return start;
    });
    expect(starts).toEqual([...starts].sort());
    expect(cues.length).toBeGreaterThan(5);
    expect(cues.length).toBeLessThan(12);
    expect(vtt).toContain('<v Bert>n6');
  });

  test('closing sends everybody away', () => {
    const { rooms } = scriptedSessions();
    const viewer = watch(rooms, 'stage');
    rooms.close();
    expect(viewer.closed).toEqual([1001]);
    expect(() => watch(rooms, 'stage')).toThrow(
      expect.objectContaining({ code: 'server_draining' }),
    );
  });
});
