import { expect, test } from 'vitest';
import type { RoomEvent, RoomSession } from '../../../../clients/js/src/index.js';
import { LineLayout } from '../../../../clients/overlay/src/line-layout.js';
import { RoomHearing } from '../../../../clients/overlay/src/room-hearing.js';

const startedAt = 1_763_859_600_000;

function open(language = '') {
  const shape = { lines: 3, chars: 30, minMs: 0, clearMs: 0, names: true, tentative: true };
  const layout = new LineLayout(shape);
  const hearing = new RoomHearing(layout, language);
  const text = () =>
    layout
      .advance(0)
      .rows.map((line) => line && line.label + line.committed.join('') + line.tentative);
  return { hearing, text };
}

function session(fields: Partial<RoomSession>): RoomSession {
  return {
    session_id: 'a',
    speaker: null,
    started_at: startedAt,
    ended: false,
    finals: [],
    partial: null,
    ...fields,
  };
}

function said(text: string, end_ms: number, language = 'en') {
  return { utterance_id: `u${end_ms}`, start_ms: end_ms - 900, end_ms, text, language };
}

const at = (type: 'partial' | 'final', fields: object) =>
  ({ type, session_id: 'a', speaker: null, started_at: startedAt, ...fields }) as RoomEvent;

test('a snapshot is shown in the order in which it was said, whoever said it', () => {
  const { hearing, text } = open();
  hearing.snapshot(
    {
      type: 'snapshot',
      sessions: [
        session({ speaker: 'Ann', finals: [said('Good morning.', 1_000), said('Bye.', 9_000)] }),
        session({ session_id: 'b', speaker: 'Bo', finals: [said('Hello to you too.', 5_000)] }),
      ],
    },
    0,
    startedAt + 10_000,
  );
  expect(text()).toEqual(['Ann: Good morning.', 'Bo: Hello to you too.', 'Ann: Bye.']);
});

test('after a lost connection nothing is said twice, and the open utterance goes on', () => {
  const { hearing, text } = open();
  hearing.event(at('final', { ...said('First.', 1_000), utterance_id: 'u1' }), 0);
  hearing.event(at('partial', { utterance_id: 'u2', committed: 'And', tentative: ' so' }), 0);
  expect(text()).toEqual(['First. And so', null, null]);
  const finals = [{ ...said('First.', 1_000), utterance_id: 'u1' }];
  const partial = { utterance_id: 'u2', start_ms: 1_100, end_ms: 2_000 };
  const now = { ...partial, committed: 'And so my', tentative: '' };
  hearing.snapshot(
    { type: 'snapshot', sessions: [session({ finals, partial: now })] },
    0,
    startedAt + 2_000,
  );
  expect(text()).toEqual(['First. And so my', null, null]);
  hearing.event(at('final', { ...said('And so my friends.', 2_500), utterance_id: 'u2' }), 0);
  expect(text().join(' ').trim()).toBe('First. And so my friends.');
});

test('what was said long ago is not shown', () => {
  const { hearing, text } = open();
  const sessions = [session({ ended: true, finals: [said('Old.', 1_000)] })];
  hearing.snapshot({ type: 'snapshot', sessions }, 0, startedAt + 100_000);
  expect(text()).toEqual([null, null, null]);
  const early = open();
  early.hearing.snapshot({ type: 'snapshot', sessions }, 0, startedAt + 10_000);
  expect(early.text()).toEqual(['Old.', null, null]);
  // A session that is over is not shown again after the next lost connection.
  early.hearing.snapshot({ type: 'snapshot', sessions }, 0, startedAt + 11_000);
  expect(early.text()).toEqual(['Old.', null, null]);
});

test('one language only: by the start of a session, or once it was recognised', () => {
  const { hearing, text } = open('de');
  const start = (session_id: string, language: string) =>
    hearing.event(
      { ...at('final', {}), type: 'transcription_started', session_id, language } as RoomEvent,
      0,
    );
  start('en', 'en');
  start('de', 'de');
  start('auto', 'auto');
  const say = (session_id: string, text: string, language: string) => {
    hearing.event(
      at('partial', { session_id, utterance_id: text, committed: text, tentative: '' }),
      0,
    );
    return () =>
      hearing.event(
        at('final', { session_id, ...said(text, 1_000, language), utterance_id: text }),
        0,
      );
  };
  say('en', 'Hello', 'en')();
  say('de', 'Hallo', 'de');
  const end = say('auto', 'Guten Tag', 'de');
  expect(text()).toEqual(['Hallo', null, null]);
  end();
  say('auto', 'zusammen', 'de');
  expect(text().join(' ')).toBe('Hallo Guten Tag zusammen ');
});
