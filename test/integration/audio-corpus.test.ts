import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pLimit from 'p-limit';
import { describe, expect, test } from 'vitest';
import { findFfmpeg } from '../../src/audio/index.js';
import type { Gateway } from '../../src/gateway/index.js';
import { checkSession } from '../support/check-session.js';
import { type AudioEntry, readManifest, sharedAudio } from '../support/shared-audio.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';
import { transcribeWhole } from '../support/transcribe-whole.js';
import { pooledErrorRate } from '../support/word-error-rate.js';

const folders = ['codecs', 'jfk', 'odd'];

interface Pair {
  readonly reference: string;
  readonly heard: string;
}

function corpus(): AudioEntry[] {
  return readManifest().filter(({ file }) => folders.includes(file.split('/')[0] ?? ''));
}

/** A file's text in one go, and through the socket as the file lies on the disk. */
async function transcribeBothWays(gateway: Gateway, entry: AudioEntry) {
  const { path: ffmpeg } = await findFfmpeg(undefined);
  const file = join(sharedAudio as string, entry.file);
  const language = ['en', 'zh'].includes(entry.lang ?? '') ? (entry.lang as string) : 'auto';
  const { stdout: pcm } = await promisify(execFile)(
    ffmpeg,
    ['-v', 'error', '-i', file, '-f', 's16le', '-ar', '16000', '-ac', '1', 'pipe:1'],
    { maxBuffer: 100_000_000, encoding: 'buffer' },
  );
  const whole = await transcribeWhole(pcm, language);

  const client = await StreamClient.connect(gateway.url);
  await client.start({ language, interim_results: false });
  await client.sendAudio(readFileSync(file));
  await client.stop();
  expect(client.closed, entry.file).toMatchObject({ code: 1000 });
  const { ledger } = await client.next('transcription_stopped');
  expect(Math.abs(ledger.received_ms - pcm.length / 32), entry.file).toBeLessThan(150);
  checkSession(client);
  return { whole, heard: client.text };
}

describe.skipIf(!sharedAudio)('every container through the socket', () => {
  test('pooled word error rate is within 2 points of transcribing the files in one go', async () => {
    const gateway = await startGateway();
    const live: Pair[] = [];
    const offline: Pair[] = [];
    // A few at a time keep every core busy.
    const limit = pLimit(4);
    await limit.map(corpus(), async (entry) => {
      const { whole, heard } = await transcribeBothWays(gateway, entry);
      // Where nobody wrote down what is said, the text in one go is the reference.
      const reference = entry.text ?? whole;
      live.push({ reference, heard });
      offline.push({ reference, heard: whole });
    });
    expect(live.length).toBeGreaterThan(20);
    expect(pooledErrorRate(live)).toBeLessThanOrEqual(pooledErrorRate(offline) + 0.02);
  }, 600_000);

  test.each(['mono.empty.wav', 'mono.invalid.wav', 'mono.zero.wav'])(
    'broken/%s is rejected or gives an empty transcript',
    async (name) => {
      const gateway = await startGateway();
      const client = await StreamClient.connect(gateway.url);
      await client.start();
      await client.sendAudio(readFileSync(join(sharedAudio as string, 'broken', name)));
      await client.stop();
      expect(client.text).toBe('');
      expect([1000, 1003]).toContain(client.closed?.code);
      checkSession(client);
    },
  );
});
