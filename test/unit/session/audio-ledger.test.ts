import { describe, expect, test } from 'vitest';
import type { SessionEvent } from '../../../src/protocol/index.js';
import { AudioLedger } from '../../../src/session/audio-ledger.js';
import { closeLedger } from '../../../src/session/close-ledger.js';

const second = 16_000;

test('every part is named, and the parts sum up to what was received', () => {
  const ledger = new AudioLedger();
  ledger.receive(10 * second + 7);
  ledger.silence({ start: 0, end: second });
  ledger.submit(1, { start: second, end: 3 * second });
  ledger.submit(2, { start: 3 * second, end: 4 * second });
  ledger.settle(2, 'engine_died');
  ledger.settle(1);
  ledger.submit(3, { start: 4 * second, end: 6 * second });
  ledger.close('connection_closed');
  expect(ledger.report()).toEqual({
    received_ms: 10_000,
    transcribed_ms: 2_000,
    silence_ms: 1_000,
    shed_ms: 7_000,
    shed: [
      { start_ms: 3_000, end_ms: 4_000, code: 'engine_died' },
      { start_ms: 4_000, end_ms: 6_000, code: 'connection_closed' },
      { start_ms: 6_000, end_ms: 10_000, code: 'connection_closed' },
    ],
  });
});

test('closing twice sheds nothing twice', () => {
  const ledger = new AudioLedger();
  ledger.receive(second);
  ledger.close('a');
  ledger.close('b');
  expect(ledger.report()).toMatchObject({ shed_ms: 1_000, shed: [{ code: 'a' }] });
});

test('audio is safe up to the first final window that was not answered', () => {
  const ledger = new AudioLedger();
  ledger.receive(5 * second);
  ledger.silence({ start: 0, end: second });
  ledger.submit(1, { start: second, end: 2 * second });
  ledger.submit(2, { start: 2 * second, end: 3 * second });
  ledger.settle(2);
  expect(ledger.safe).toBe(second);
  ledger.settle(1);
  expect(ledger.safe).toBe(3 * second);
});

describe('the end of a session', () => {
  function close(ledger: AudioLedger, code = 'client_stopped') {
    const events: SessionEvent[] = [];
    const errors: object[] = [];
    let imbalances = 0;
    const report = closeLedger(ledger, code, {
      emit: (event) => events.push(event),
      error: (fields) => errors.push(fields),
      onImbalance: () => imbalances++,
    });
    return { report, events, errors, imbalances };
  }

  test('warns of what it sheds', () => {
    const ledger = new AudioLedger();
    ledger.receive(3 * second);
    ledger.silence({ start: 0, end: second });
    const { report, events, errors } = close(ledger, 'decoder_crashed');
    expect(report.shed_ms).toBe(2_000);
    expect(events).toEqual([
      {
        type: 'warning',
        code: 'audio_shed',
        message: '2.0 s of audio were not transcribed: the session ended (decoder_crashed).',
      },
    ]);
    expect(errors).toEqual([]);
  });

  test('says nothing where everything was transcribed or silence', () => {
    const ledger = new AudioLedger();
    ledger.receive(3 * second);
    ledger.silence({ start: 0, end: second });
    ledger.submit(1, { start: second, end: 3 * second });
    ledger.settle(1);
    expect(close(ledger)).toMatchObject({ events: [], errors: [], imbalances: 0 });
  });

  test.each([
    ['samples are in no account', { start: 2 * second, end: 3 * second }, second],
    ['samples are in two accounts', { start: second / 2, end: 3 * second }, -second / 2],
  ])('where %s it says so, and makes nothing look right', (_, silence, imbalance) => {
    const ledger = new AudioLedger();
    ledger.receive(3 * second);
    ledger.silence({ start: 0, end: second });
    ledger.silence(silence);
    const { report, errors, imbalances } = close(ledger);
    const { received_ms, transcribed_ms, silence_ms, shed_ms } = report;
    expect(received_ms - transcribed_ms - silence_ms - shed_ms).toBe(imbalance / 16);
    expect(errors).toMatchObject([{ imbalance }]);
    expect(imbalances).toBe(1);
  });
});
