import { expect, it } from 'vitest';
import { requestSpeech, samplesAt } from '../support/speech.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';
import { pooledErrorRate } from '../support/word-error-rate.js';

const english = 'Ask not what your country can do for you. Ask what you can do for your country.';
const german = 'Guten Morgen. Der Zug nach Berlin fährt heute um neun Uhr.';

it('what it speaks, the gateway understands', async () => {
  const gateway = await startGateway();
  const hear = async (
    fields: { input: string; voice?: string; language?: string },
    language: string,
  ) => {
    const response = await requestSpeech(gateway.url, { response_format: 'opus', ...fields });
    const samples = samplesAt(16_000, new Uint8Array(await response.arrayBuffer()));
    const client = await StreamClient.connect(gateway.url);
    await client.start({
      audio: { format: 's16le', sample_rate: 16_000, channels: 1 },
      language,
    });
    await client.sendAudio(new Uint8Array(samples.buffer));
    await client.stop();
    return { reference: fields.input, heard: client.text };
  };
  const heardEnglish = await hear({ input: english }, 'en');
  expect(pooledErrorRate([heardEnglish]), heardEnglish.heard).toBeLessThanOrEqual(0.2);
  const heardGerman = await hear({ input: german, voice: 'onyx', language: 'de' }, 'de');
  expect(pooledErrorRate([heardGerman]), heardGerman.heard).toBeLessThanOrEqual(0.4);
});
