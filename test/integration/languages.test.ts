import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { describe, expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway/index.js';
import { checkSession } from '../support/check-session.js';
import { readManifest, sharedAudio } from '../support/shared-audio.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';
import { pooledErrorRate } from '../support/word-error-rate.js';

const bytesOf = (file: string) => readFileSync(join(sharedAudio as string, file));

/** What a session that is started with `fields` hears in a recording. */
async function listen(gateway: Gateway, file: string, fields: object): Promise<StreamClient> {
  const client = await StreamClient.connect(gateway.url);
  await client.start(fields);
  await client.sendAudio(bytesOf(file));
  await client.stop();
  expect(client.closed, file).toMatchObject({ code: 1000 });
  checkSession(client);
  return client;
}

describe.skipIf(!sharedAudio)('languages', () => {
  test.each([
    ['other-lang/leopard_es.flac', 'es', 'arenas'],
    ['other-lang/leopard_de.flac', 'de', 'Portal'],
    ['other-lang/leopard_ja.flac', 'ja', '知識'],
    ['aishell/BAC009S0150W0343.flac', 'zh', '发生'],
  ])('%s is detected as %s, and written in it', async (file, language, word) => {
    const client = await listen(await startGateway(), file, { language: 'auto' });
    expect(client.all('final').map((final) => final.language)).toContain(language);
    expect(client.text).toContain(word);
  });

  test('what is said in German is translated to English', async () => {
    const file = 'other-lang/leopard_de.flac';
    const client = await listen(await startGateway(), file, { language: 'de', task: 'translate' });
    expect(client.text.toLowerCase()).toMatch(/\bthe\b.*\bportal\b/);
    expect(client.text).not.toMatch(/\b(der|wurde|als)\b/i);
  });

  test('Chinese comes in simplified characters, or in traditional ones where they are asked for', async () => {
    const gateway = await startGateway();
    const file = 'aishell/BAC009S0150W0343.flac';
    const simplified = await listen(gateway, file, { language: 'zh' });
    const traditional = await listen(gateway, file, {
      language: 'zh',
      chinese_script: 'traditional',
    });
    expect(simplified.text).toContain('发生');
    expect(traditional.text).toContain('發生');
    const words = simplified.all('final').flatMap((final) => final.words ?? []);
    expect(words.map(({ word }) => word).join('')).toBe(simplified.text);
    for (const [index, word] of words.entries()) {
      expect(word.start_ms).toBeGreaterThanOrEqual(words[index - 1]?.start_ms ?? 0);
      expect([...word.word.replaceAll(/\P{L}/gu, '')].length).toBeLessThanOrEqual(4);
    }
  });

  test('a language that is switched by configure holds from the next utterance on', async () => {
    const client = await StreamClient.connect((await startGateway()).url);
    await client.start({ language: 'en' });
    client.send({ type: 'configure', language: 'zh' });
    await client.sendAudio(bytesOf('aishell/BAC009S0150W0343.flac'));
    await client.stop();
    expect(client.all('final').map((final) => final.language)).toEqual(['zh']);
    expect(client.text).toContain('发生');
  });

  test('hot words are heard where they are said', async () => {
    const gateway = await startGateway();
    const file = 'librispeech-test-other/1688-142285-0005.flac';
    const fields = { language: 'en', interim_results: false };
    const plain = await listen(gateway, file, fields);
    const biased = await listen(gateway, file, { ...fields, hotwords: ['shoppy', 'Helstone'] });
    expect(plain.text).not.toContain('Helston');
    expect(biased.text).toContain('Helston');
    // What to expect is context, and never said itself.
    expect(biased.text).toMatch(/^You who/);
  });
});

describe.skipIf(!sharedAudio)('noise', () => {
  test.each([
    'nonspeech/silence-20s.flac',
    'nonspeech/kitchen-a.flac',
    'nonspeech/keyboard-typing.ogg',
    'nonspeech/hold_music.ogg',
  ])('no words are made of %s', async (file) => {
    const client = await listen(await startGateway(), file, { language: 'auto' });
    expect(client.text).toBe('');
    expect(client.all('partial')).toEqual([]);
    const { ledger } = await client.next('transcription_stopped');
    expect(ledger.shed_ms).toBe(0);
  });

  test('words are heard through noise and echo', async () => {
    const gateway = await startGateway();
    const noisy = readManifest().filter(
      ({ file, lang, text }) => file.startsWith('noisy/') && lang === 'en' && text,
    );
    const heard = await pLimit(2).map(noisy, async ({ file, text }) => {
      const client = await listen(gateway, file, { language: 'en', interim_results: false });
      return { reference: text as string, heard: client.text };
    });
    expect(pooledErrorRate(heard)).toBeLessThan(0.25);
  });
});
