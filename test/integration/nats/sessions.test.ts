import { describe, expect, test, vi } from 'vitest';
import type { ServerEvent } from '../../../src/protocol/index.js';
import { checkSession } from '../../support/check-session.js';
import { type CutStreamOptions, cutStream } from '../../support/cut-stream.js';
import { startKillable } from '../../support/killable-gateway.js';
import { recordedSpeech } from '../../support/recorded-speech.js';
import { startGateway } from '../../support/start-gateway.js';
import { natsServer, startNats } from '../../support/start-nats.js';
import { StreamClient } from '../../support/stream-client.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { countErrors } from '../../support/word-error-rate.js';

const pcmBytesPerSecond = 32_000;
const pcm = { format: 'pcm_s16le' };
const seconds = 20;

const ledgerOf = (events: readonly ServerEvent[]) =>
  events.flatMap((event) => (event.type === 'transcription_stopped' ? [event.ledger] : []))[0];

/** A gateway that is lost and followed by another one, again and again; its memory goes with it. */
async function oneAfterTheOther(natsUrl: string, kind: 'scripted' | 'native') {
  const next = () => startKillable(temporaryFolder(), kind, `NATS_URL=${natsUrl}`);
  let [present, following] = await Promise.all([next(), next()]);
  return {
    url: () => present.url,
    async kill() {
      const before = present;
      present = following;
      await before.kill();
      following = await next();
    },
  };
}

describe.skipIf(!natsServer)('a session whose gateway is lost', () => {
  test('killed with -9: goes on at the next one, and no word is lost', async () => {
    const nats = await startNats();
    const gateways = await oneAfterTheOther(nats.url, 'native');
    const shared: Omit<CutStreamOptions, 'nextCutMs'> = {
      url: gateways.url,
      lose: gateways.kill,
      audio: await recordedSpeech(seconds),
      fields: { language: 'en', audio: pcm },
      bytesPerSecond: pcmBytesPerSecond,
      frame: 3_200,
    };
    const moved = await cutStream({ ...shared, nextCutMs: () => 7_000 });
    const whole = await cutStream({ ...shared, bytesPerSecond: 0, nextCutMs: () => Infinity });
    expect(moved.cuts).toBe(2);
    checkSession(moved);
    expect(ledgerOf(moved.events)).toMatchObject({ received_ms: seconds * 1_000, shed_ms: 0 });
    // Windows begin and end some milliseconds elsewhere, and the model may hear a word otherwise.
    const { edits } = countErrors(whole.text, moved.text);
    expect(edits, `${whole.text}\n${moved.text}`).toBeLessThanOrEqual(6);
  }, 240_000);

  test('again and again: not a sample comes twice', async () => {
    const nats = await startNats();
    const gateways = await oneAfterTheOther(nats.url, 'scripted');
    const moved = await cutStream({
      url: gateways.url,
      lose: gateways.kill,
      audio: await recordedSpeech(20),
      fields: { language: 'en', audio: pcm },
      bytesPerSecond: 2 * pcmBytesPerSecond,
      frame: 1_111,
      nextCutMs: () => 2_000,
    });
    expect(moved.cuts).toBeGreaterThan(3);
    checkSession(moved);
    expect(ledgerOf(moved.events)).toMatchObject({ received_ms: 20_000, shed_ms: 0 });
  }, 240_000);

  test('and with it NATS for a while: it goes on where it is', async () => {
    const nats = await startNats();
    const gateway = await startGateway({ natsUrl: nats.url });
    const client = await StreamClient.connect(gateway.url);
    await client.start({ language: 'en', audio: pcm, resumable: true });
    const audio = await recordedSpeech(12);
    const third = 4 * pcmBytesPerSecond;
    await client.sendAudio(audio.subarray(0, third), 3_200, pcmBytesPerSecond);
    nats.freeze();
    await client.sendAudio(audio.subarray(third, 2 * third), 3_200, pcmBytesPerSecond);
    nats.thaw();
    await nats.restart();
    await client.sendAudio(audio.subarray(2 * third), 3_200, pcmBytesPerSecond);
    await client.stop();
    checkSession(client);
    expect(ledgerOf(client.events)).toMatchObject({ received_ms: 12_000, shed_ms: 0 });
  }, 120_000);
});

describe.skipIf(!natsServer)('a session of another gateway', () => {
  test('is unknown to whoever has a wrong token, or another key', async () => {
    const nats = await startNats();
    const first = await startGateway({ natsUrl: nats.url, apiKey: 'one-key-0123456789' });
    const second = await startGateway({ natsUrl: nats.url, apiKey: 'one-key-0123456789' });
    const headers = { authorization: 'Bearer one-key-0123456789' };
    const connect = ({ url }: { url: string }) =>
      StreamClient.connect(url, undefined, undefined, { headers });
    const client = await connect(first);
    const { session_id, resume_token } = await client.start({ audio: pcm, resumable: true });
    const stranger = await connect(second);
    for (const resume of [
      { session_id, resume_token: 'guessed', last_seq: 2 },
      { session_id: 'sessions.events.*', resume_token, last_seq: 2 },
    ]) {
      stranger.send({ type: 'start_transcription', resume });
    }
    await stranger.until(() => stranger.all('transcription_failed').length === 2);
    const codes = stranger.all('transcription_failed').map(({ code, fatal }) => [code, fatal]);
    expect(codes).toEqual([
      ['resume_unknown', false],
      ['resume_unknown', false],
    ]);
    // The socket stays open, and with the right token the session is theirs.
    stranger.send({
      type: 'start_transcription',
      resume: { session_id, resume_token, last_seq: 2 },
    });
    await stranger.next('transcription_started');
    await stranger.sendAudio(await recordedSpeech(2));
    await stranger.stop();
    checkSession({ events: [...client.events.slice(0, 2), ...eventsOf(stranger)] });
    await client.close();
    expect(client.closed?.code).toBe(4409);
    await vi.waitFor(() => expect(first.health().sessions).toBe(0), 10_000);
  });
});

const eventsOf = ({ events }: StreamClient) =>
  events.filter((event) => 'seq' in event && event.seq !== undefined);
