import { expect } from 'vitest';
import type { Gateway } from '../../src/gateway/index.js';
import { checkSession } from './check-session.js';
import { jfkAs, jfkText } from './jfk.js';
import { StreamClient } from './stream-client.js';
import { countErrors } from './word-error-rate.js';

const bytesPerSecond = 32_000;
/** How much faster than he speaks. */
const pace = 4;

/**
 * Streams the clip into a gateway as one session, and ends it.
 * @param disturb Called in the middle of the speech, when captions have begun to come.
 * @param fields Of `start_transcription`, besides.
 */
export async function speak(
  gateway: Gateway,
  disturb: (client: StreamClient) => unknown,
  fields: object = {},
): Promise<StreamClient> {
  const pcm = await jfkAs();
  const half = pcm.length / 2 - ((pcm.length / 2) % 2);
  const client = await StreamClient.connect(gateway.url);
  await client.start({ language: 'en', audio: { format: 'pcm_s16le' }, ...fields });
  await client.sendAudio(pcm.subarray(0, half), 3_200, pace * bytesPerSecond);
  // On a slow machine the first final may come before any partial.
  await client.until(() => client.all('partial').length + client.all('final').length > 0);
  await disturb(client);
  await client.sendAudio(pcm.subarray(half), 3_200, pace * bytesPerSecond);
  await client.stop();
  checkSession(client);
  return client;
}

/** Expects that a session of `speak` has lost nothing, and knows it. */
export async function expectEveryWord(client: StreamClient): Promise<void> {
  const { ledger } = await client.next('transcription_stopped');
  expect(ledger).toMatchObject({ received_ms: 11_000, shed_ms: 0, shed: [] });
  expect(countErrors(jfkText, client.text).edits, client.text).toBeLessThanOrEqual(1);
}
