import { expect } from 'vitest';
import type { Ledger, ServerEvent } from '../../src/protocol/index.js';

/**
 * Events of each session by number, over all of its connections: a client that comes back hears the rest of
 * a session on another one.
 */
const sessions = new Map<string, Map<number, ServerEvent>>();

/** Keeps an event for `checkLedgers`. */
export function keepForLedger(event: ServerEvent): void {
  if (!('seq' in event) || event.seq === undefined || event.session_id === undefined) return;
  const events = sessions.get(event.session_id) ?? new Map<number, ServerEvent>();
  sessions.set(event.session_id, events.set(event.seq, event));
}

/** Checks the ledger of every session that was heard of, and forgets them. */
export function checkLedgers(): void {
  const heard = [...sessions.values()];
  sessions.clear();
  for (const bySeq of heard) {
    const last = Math.max(...bySeq.keys());
    const events = [...bySeq.entries()].sort(([a], [b]) => a - b).map(([, event]) => event);
    // Where a connection was cut off for good, the warning may be among what was not heard.
    checkLedger(events, { complete: events.length === last });
  }
}

/**
 * What holds of the ledger of a session, however that ended: received = transcribed + silence + shed, and
 * nothing is shed but behind a warning.
 * @param complete Whether these are all events of the session.
 */
export function checkLedger(events: readonly ServerEvent[], { complete = true } = {}): void {
  for (const [index, event] of events.entries()) {
    if (!('ledger' in event) || !event.ledger) continue;
    checkSums(event.ledger);
    if (event.ledger.shed_ms === 0 || !complete) continue;
    const warnings = events
      .slice(0, index)
      .flatMap((before) => (before.type === 'warning' ? [before.code] : []));
    expect(warnings, 'a warning before what says that audio was shed').toContain('audio_shed');
  }
}

function checkSums(ledger: Ledger): void {
  const { received_ms, transcribed_ms, silence_ms, shed_ms, shed } = ledger;
  expect(transcribed_ms + silence_ms + shed_ms, JSON.stringify(ledger)).toBe(received_ms);
  let until = 0;
  let sum = 0;
  for (const { start_ms, end_ms } of shed) {
    // One after the other, within what was received.
    expect(start_ms, JSON.stringify(ledger)).toBeGreaterThanOrEqual(until);
    expect(end_ms).toBeGreaterThanOrEqual(start_ms);
    until = end_ms;
    sum += end_ms - start_ms;
  }
  expect(until).toBeLessThanOrEqual(received_ms);
  // Each end is rounded for itself.
  expect(Math.abs(sum - shed_ms)).toBeLessThanOrEqual(shed.length);
}
