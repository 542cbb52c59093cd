import { expect } from 'vitest';
import type { ServerEvent } from '../../src/protocol/index.js';
import { checkLedger } from './ledgers.js';

/**
 * What holds in every session, however it ended: `seq` has no gaps, committed words never change,
 * utterances come one after the other, finals in order and with what was committed first, and the ledger sums up.
 */
export function checkSession(
  client: { readonly events: readonly ServerEvent[] },
  { stableFinals = true } = {},
): void {
  const numbered = client.events.flatMap((event) =>
    'seq' in event && event.seq !== undefined ? [event.seq] : [],
  );
  expect(numbered).toEqual(numbered.map((_, index) => index + 1));

  const committed = new Map<string, string>();
  let lastStart = -1;
  let open: string | undefined;
  for (const event of client.events) {
    if (event.type !== 'partial' && event.type !== 'final') continue;
    expect(event.utterance_id, 'while another utterance is open').toBe(open ?? event.utterance_id);
    open = event.type === 'partial' ? event.utterance_id : undefined;
    if (event.type === 'partial') {
      const before = committed.get(event.utterance_id) ?? '';
      expect(event.committed.startsWith(before), `${before} → ${event.committed}`).toBe(true);
      committed.set(event.utterance_id, event.committed);
    } else {
      const before = committed.get(event.utterance_id) ?? '';
      if (stableFinals)
        expect(event.text.startsWith(before), `${before} → ${event.text}`).toBe(true);
      expect(event.start_ms).toBeGreaterThan(lastStart);
      lastStart = event.start_ms;
      committed.set(event.utterance_id, event.text);
    }
  }
  checkLedger(client.events);
}
