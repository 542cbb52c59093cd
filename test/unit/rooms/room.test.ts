import { expect, test, vi } from 'vitest';
import { Room } from '../../../src/rooms/room.js';
import type { Learn, RoomExchange } from '../../../src/rooms/room-exchange.js';
import { RoomMessage } from '../../../src/rooms/room-message.js';
import { Viewer } from '../../../src/rooms/viewer.js';

/** A room whose other gateways do as they are told. */
function sharedRoom() {
  const said: { seq: number }[] = [];
  const left: string[] = [];
  const asked: { known: unknown; learn: Learn; answered: () => void }[] = [];
  const exchange: RoomExchange = {
    join: () => ({
      say: ({ content }) => void said.push(content as { seq: number }),
      left: (sessionId) => void left.push(sessionId),
      leave() {},
    }),
    ask: (_room, known, learn) =>
      new Promise<void>((answered) => asked.push({ known, learn, answered })),
    close() {},
  };
  const room = new Room('hall', 100_000, exchange);
  const watch = () => {
    const seen: { type: string; seq?: number; sessions?: object[] }[] = [];
    const sink = {
      unreadBytes: 0,
      send: ({ json }: RoomMessage) => void seen.push(JSON.parse(String(json))),
      ping() {},
      close() {},
      terminate() {},
    };
    room.admit(new Viewer(sink, 1_000, () => room.snapshot(), vi.fn()));
    return seen;
  };
  /** The question that is open is answered by `from`, with what it knows. */
  const answer = async (from: string, sessions: object[], words: object[] = []) => {
    const { learn, answered } = asked.at(-1) as (typeof asked)[number];
    learn(from, { begin: 900, said: words, sessions } as never);
    answered();
    await room.settled();
  };
  return { room, watch, said, left, asked, answer };
}

const startedAt = 1_000;
const event = (seq: number, type = 'speech_started', fields: object = {}) => ({
  ...{ type, session_id: 's', seq, ...fields },
});
const final = (seq: number, utterance: number) =>
  event(seq, 'final', {
    utterance_id: `u${utterance}`,
    start_ms: utterance * 1_000,
    end_ms: utterance * 1_000 + 900,
    text: `text ${utterance}`,
    language: 'en',
  });
const message = (content: object) =>
  new RoomMessage({ ...content, speaker: 'Anna', started_at: startedAt });
const session = (seq: number, fields: object = {}) => ({
  ...{ session_id: 's', speaker: 'Anna', started_at: startedAt, ended: false, seq },
  ...{ finals: [], partial: null, ...fields },
});
const numbers = (seen: readonly { seq?: number }[]) => seen.flatMap(({ seq }) => seq ?? []);

test('a viewer waits for what others know, and loses and doubles nothing that comes meanwhile', async () => {
  const { room, watch, answer } = sharedRoom();
  const seen = watch();
  // Sent before the answer was written, and known by it; then one that is not.
  room.hear('there', message(event(5)), 4);
  room.hear('there', message(event(1, 'transcription_started', { started_at: startedAt })), 0);
  expect(seen).toEqual([]);
  await answer('there', [session(6)]);
  room.hear('there', message(event(6)), 5);
  room.hear('there', message(event(8)), 6);
  expect(seen).toMatchObject([{ type: 'snapshot', sessions: [{ ended: false }] }, { seq: 8 }]);
  expect(watch()).toMatchObject([{ type: 'snapshot', sessions: [{ session_id: 's' }] }]);
});

test('an event that follows one which was lost is asked for, and shown by a snapshot', async () => {
  const { room, watch, asked, answer } = sharedRoom();
  await answer('there', []);
  const seen = watch();
  room.hear('there', message(final(3, 1)), 0);
  room.hear('there', message(final(9, 3)), 6);
  expect(numbers(seen)).toEqual([3]);
  expect(asked).toHaveLength(2);
  expect(asked[1]?.known).toEqual({ s: 3 });
  const finals = [final(6, 2), final(9, 3)] as never[];
  await answer('there', [session(9, { finals })]);
  expect(seen.at(-1)).toMatchObject({
    type: 'snapshot',
    sessions: [{ finals: [{ text: 'text 1' }, { text: 'text 2' }, { text: 'text 3' }] }],
  });
  room.hear('there', message(event(12)), 9);
  expect(seen.at(-1)?.seq).toBe(12);
});

test('a session that goes on at another gateway is one session, and nothing of it comes twice', async () => {
  const { room, watch, answer } = sharedRoom();
  await answer('there', []);
  const seen = watch();
  room.hear('there', message(final(3, 1)), 0);
  room.hear('there', message(final(5, 2)), 3);
  // What was the last word there is said once more here, with a number of its own or without.
  room.hear('elsewhere', message(final(5, 2)), 0);
  room.hear('elsewhere', message(final(7, 2)), 0);
  room.gone('there');
  room.left('there', 's');
  room.hear('elsewhere', message(final(8, 3)), 7);
  expect(numbers(seen)).toEqual([3, 5, 8]);
  expect(seen.filter(({ type }) => type === 'snapshot')).toHaveLength(1);
  expect(watch()[0]?.sessions).toMatchObject([
    { ended: false, finals: [{ text: 'text 1' }, { text: 'text 2' }, { text: 'text 3' }] },
  ]);
  expect(room.toVtt().match(/text \d/g)).toEqual(['text 1', 'text 2', 'text 3']);
});

test('one that comes here goes on from what others know, whoever still says that it speaks there', async () => {
  const { room, watch, said, left, answer } = sharedRoom();
  room.enter('s', 'Anna');
  const seen = watch();
  await answer('there', [session(5, { finals: [final(5, 2)] })]);
  room.hear('there', message(final(6, 3)), 5);
  room.gone('there');
  room.publish(final(7, 3) as never);
  expect(seen).toMatchObject([
    { type: 'snapshot', sessions: [{ ended: false, finals: [{ text: 'text 2' }] }] },
    { seq: 7, speaker: 'Anna', started_at: startedAt },
  ]);
  expect(numbers(said)).toEqual([7]);
  room.leave('s');
  expect(left).toEqual(['s']);
  // And on elsewhere.
  room.hear('elsewhere', message(final(9, 4)), 0);
  expect(seen.at(-2)).toMatchObject({ type: 'snapshot', sessions: [{ ended: false }] });
  expect(seen.at(-1)?.seq).toBe(9);
});

test('sessions of a gateway that is gone have ended, until it is back', async () => {
  const { room, watch, answer } = sharedRoom();
  await answer('there', [session(5, { partial: { utterance_id: 'u', committed: 'And' } })]);
  const seen = watch();
  room.gone('elsewhere');
  room.gone('there');
  room.gone('there');
  expect(seen.slice(1)).toMatchObject([{ sessions: [{ ended: true, partial: null }] }]);
  room.refresh();
  await answer('there', [session(5)]);
  expect(seen.slice(2)).toMatchObject([{ sessions: [{ ended: false }] }]);
  // What somebody else has heard of it ends nothing.
  room.refresh();
  await answer('elsewhere', [session(6, { ended: true })]);
  expect(seen).toHaveLength(3);
});

test('subtitles of several gateways are one list on the clock of the first', async () => {
  const { room, asked, answer } = sharedRoom();
  const words = (utterance: number, voice: string) => ({
    ...{ session_id: voice, utterance_id: `u${utterance}`, seq: utterance, voice },
    cues: [
      { lines: [`${utterance}`], start_at: utterance * 1_000, end_at: utterance * 1_000 + 1_500 },
    ],
  });
  await answer('there', [], [words(1, 'Anna'), words(2, 'Anna'), words(4, 'Anna')]);
  room.refresh();
  expect(asked.at(-1)?.known).toEqual({ Anna: 4 });
  await answer('elsewhere', [], [words(2, 'Anna'), words(3, 'Bert')]);
  const cues = room.toVtt().trimEnd().split('\n\n').slice(1);
  expect(cues).toEqual([
    '00:00:00.100 --> 00:00:01.100\n<v Anna>1</v>',
    '00:00:01.100 --> 00:00:02.600\n<v Anna>2</v>',
    '00:00:02.100 --> 00:00:03.600\n<v Bert>3</v>',
    '00:00:03.100 --> 00:00:04.600\n<v Anna>4</v>',
  ]);
  expect(room.state({ Anna: 2 }).said.map(({ seq }) => seq)).toEqual([3, 4]);
});
