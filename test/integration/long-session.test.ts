import { expect, test } from 'vitest';
import { checkSession } from '../support/check-session.js';
import { jfkAs } from '../support/jfk.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';

const hourMs = 3_600_000;
const bytesPerMs = 32;

test('the clock of a session is right after an hour', { timeout: 400_000 }, async () => {
  const gateway = await startGateway();
  const client = await StreamClient.connect(gateway.url);
  await client.start({
    language: 'en',
    audio: { format: 'pcm_s16le' },
    interim_results: false,
  });
  const clip = await jfkAs();
  // An hour is a multiple of what voice activity hears at once, so both clips are heard alike.
  await client.sendAudio(clip);
  await client.sendAudio(new Uint8Array(hourMs * bytesPerMs - clip.length), 512_000);
  await client.sendAudio(clip);
  await client.stop();

  checkSession(client);
  const words = client.events.flatMap((event) =>
    event.type === 'final' ? (event.words ?? []) : [],
  );
  const first = words.filter(({ start_ms }) => start_ms < hourMs / 2);
  const last = words.filter(({ start_ms }) => start_ms > hourMs / 2);
  expect(first.length).toBeGreaterThan(20);
  expect(last.map(({ word }) => word)).toEqual(first.map(({ word }) => word));
  for (const [index, { start_ms }] of first.entries()) {
    const drift = (last[index]?.start_ms ?? 0) - start_ms - hourMs;
    expect(Math.abs(drift)).toBeLessThanOrEqual(50);
  }
  const { ledger } = await client.next('transcription_stopped');
  expect(ledger.received_ms).toBe(hourMs + clip.length / bytesPerMs);
});
