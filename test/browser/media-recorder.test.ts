import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { jfkAs, jfkText } from '../support/jfk.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';
import { countErrors } from '../support/word-error-rate.js';

const chromiumPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);

/** What the page writes down for the test. */
interface Heard {
  readonly mimeType: string;
  /** Bytes of everything that was streamed. */
  readonly recording: number[];
  readonly finals: string[];
  readonly failures: string[];
  readonly closed: number | null;
}

test.skipIf(!chromiumPath)("Chromium's own MediaRecorder output is transcribed", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'whisper-gateway-browser-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const microphone = join(folder, 'microphone.wav');
  // A second of silence first: a fake microphone plays from the moment it is opened.
  await writeFile(microphone, await jfkAs('-af', 'adelay=1500', '-ar', '48000', '-f', 'wav'));

  // getUserMedia wants a page of localhost; what is on it does not matter.
  const page = createServer((_, response) => response.end('<!doctype html>'));
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void page.close());
  // One thread a window, since the browser needs the cores as well.
  const origin = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;
  const gateway = await startGateway({ allowedOrigins: origin, threadsPerSlot: 1 });

  const browser = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath: chromiumPath as string,
    headless: true,
    permissions: ['microphone'],
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${microphone}%noloop`,
    ],
  });
  onTestFinished(() => browser.close());
  const tab = await browser.newPage();
  await tab.goto(origin);
  await tab.addScriptTag({ path: join(import.meta.dirname, 'record-and-stream.js') });
  const heard: Heard = await tab.evaluate(`recordAndStream('${gateway.url}', 14)`);

  expect(heard.mimeType).toMatch(/^audio\/webm/);
  expect(heard.failures).toEqual([]);
  expect(heard.closed).toBe(1000);
  // A fake microphone stutters where the browser gets too little of the processor: what was said is
  // what the recording holds, and the clip itself only roughly.
  const again = await StreamClient.connect(gateway.url);
  await again.start({ language: 'en' });
  await again.sendAudio(Uint8Array.from(heard.recording));
  await again.stop();
  const text = heard.finals.join(' ');
  expect(countErrors(again.text, text).edits, text).toBeLessThanOrEqual(2);
  expect(countErrors(jfkText, text).edits, text).toBeLessThanOrEqual(6);
});
