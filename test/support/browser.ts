import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { onTestFinished } from 'vitest';

/** Undefined where there is none: such tests are skipped. */
export const chromiumPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);

/** A name by which browsers here find this machine, and which they do not take for it. */
export const elsewhere = 'gateway.test';

export interface BrowserOptions {
  /** A WAV file that is the microphone, once; a beep without one. */
  readonly microphone?: string;
  /** Whether pages may use it. @default true */
  readonly allowed?: boolean;
  readonly locale?: string;
  /** Further flags. */
  readonly args?: readonly string[];
}

/** A browser with a fresh profile, closed when the test is over. */
export async function openBrowser(options: BrowserOptions = {}): Promise<BrowserContext> {
  const { microphone, allowed = true, locale = 'en-GB', args = [] } = options;
  const profile = await mkdtemp(join(tmpdir(), 'whisper-gateway-browser-'));
  onTestFinished(() => rm(profile, { recursive: true, force: true }));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath as string,
    headless: true,
    locale,
    ...(allowed && { permissions: ['microphone', 'clipboard-read', 'clipboard-write'] }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-fake-device-for-media-stream',
      `--host-resolver-rules=MAP ${elsewhere} 127.0.0.1`,
      // It answers every question with yes, so that nothing could be denied.
      ...(allowed ? ['--use-fake-ui-for-media-stream'] : ['--deny-permission-prompts']),
      ...(microphone ? [`--use-file-for-fake-audio-capture=${microphone}%noloop`] : []),
      ...args,
    ],
  });
  onTestFinished(() => browser.close());
  return browser;
}
