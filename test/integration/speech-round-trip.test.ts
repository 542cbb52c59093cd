import { expect, it } from 'vitest';
import { requestSpeech } from '../support/speech.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';
import { pooledErrorRate } from '../support/word-error-rate.js';

const text =
  'Ask not what your country can do for you. Ask what you can do for your country. ' +
  'Please send the report to the whole team before Friday, and call me if you have any questions.';

/** docs/benchmarks.md has what was measured of each voice: at most 12 of 100 words are heard as others. */
const bound = 0.2;

it('what it speaks, the gateway understands', async () => {
  const gateway = await startGateway();
  const pairs = [];
  for (const [voice, response_format] of [
    ['alloy', 'mp3'],
    ['sage', 'opus'],
  ]) {
    const response = await requestSpeech(gateway.url, { input: text, voice, response_format });
    const client = await StreamClient.connect(gateway.url);
    await client.start({ language: 'en' });
    await client.sendAudio(new Uint8Array(await response.arrayBuffer()));
    await client.stop();
    pairs.push({ reference: text, heard: client.text });
  }
  expect(pooledErrorRate(pairs), JSON.stringify(pairs)).toBeLessThanOrEqual(bound);
});
