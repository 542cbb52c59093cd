import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createClient, type GatewayClient } from '../../../clients/js/src/index.js';
import { startCuttingProxy } from '../../support/cutting-proxy.js';
import { startKillable } from '../../support/killable-gateway.js';
import { readMetrics } from '../../support/read-metrics.js';
import { recordedSpeech } from '../../support/recorded-speech.js';
import { natsServer, startNats } from '../../support/start-nats.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { countErrors } from '../../support/word-error-rate.js';

const pcmBytesPerSecond = 32_000;
const pcm = { format: 'pcm_s16le', sample_rate: 16_000, channels: 1 } as const;
const seconds = 20;

test.skipIf(!natsServer)(
  'two gateways restarted in good order, one after the other: nobody loses a word',
  async () => {
    const nats = await startNats();
    const start = () => startKillable(temporaryFolder(), 'native', `NATS_URL=${nats.url}`);
    const [first, second, third] = await Promise.all([start(), start(), start()]);
    const balancer = await startCuttingProxy(first.url);
    const live = createClient({ url: balancer.url });
    const speech = await recordedSpeech(seconds);
    const sessions = await Promise.all([0, 1].map(() => speakInto(live, speech)));

    await sleep(5_000);
    balancer.target = second.url;
    expect(await first.terminate()).toBe(0);
    await sleep(5_000);
    balancer.target = third.url;
    expect(await second.terminate()).toBe(0);

    const whole = await speakInto(live, speech, 0);
    const { text } = await whole.ended;
    for (const session of sessions) {
      const ended = await session.ended;
      expect(ended.states.filter((state) => state === 'reconnecting')).toHaveLength(2);
      expect(ended.ledger).toMatchObject({ received_ms: seconds * 1_000, shed_ms: 0 });
      expectSameWords(text, ended.text);
    }
    const resumes = await readMetrics(third.url);
    expect(resumes.get('whisper_gateway_resumes_total{outcome="moved"}')).toBe(2);
  },
  240_000,
);

/** Streams speech with the client library, which comes back by itself. */
async function speakInto(
  client: GatewayClient,
  speech: Uint8Array,
  bytesPerSecond = pcmBytesPerSecond,
) {
  const session = client.live({ audio: pcm, language: 'en' });
  const states: string[] = [];
  const finals: string[] = [];
  session.on('state', ({ name }) => void states.push(name));
  session.on('final', ({ text }) => void finals.push(text));
  session.on('gap', (gap) => expect.fail(`lost: ${JSON.stringify(gap)}`));
  await session.start();
  const speak = async () => {
    for (let at = 0; at < speech.length; at += 3_200) {
      session.send(speech.subarray(at, at + 3_200));
      if (bytesPerSecond) await sleep((3_200 / bytesPerSecond) * 1_000);
      else await session.drained();
    }
    const { ledger } = await session.stop();
    return { states, ledger, text: finals.join(' ') };
  };
  return { ended: speak() };
}

/** Windows begin and end some milliseconds elsewhere, and the model may hear a word otherwise. */
function expectSameWords(whole: string, moved: string): void {
  expect(countErrors(whole, moved).edits, `${whole}\n${moved}`).toBeLessThanOrEqual(6);
}
