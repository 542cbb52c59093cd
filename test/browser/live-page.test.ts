import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import { type BrowserOptions, chromiumPath, elsewhere, openBrowser } from '../support/browser.js';
import { startCuttingProxy } from '../support/cutting-proxy.js';
import { jfkAs, jfkText } from '../support/jfk.js';
import { startGateway } from '../support/start-gateway.js';
import { countErrors } from '../support/word-error-rate.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe.skipIf(!chromiumPath)('the live page', () => {
  test('shows what is said, stops, copies and exports', async () => {
    const gateway = await startGateway();
    const page = await openPage(gateway.url, { microphone: await speech() });
    await page.getByLabel('Language').selectOption('en');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Start' }).click();
    await page.locator('.caption.open').waitFor();
    await page.getByText(/^\d+\.\d s behind$/).waitFor();
    await page.locator('[role=log] p').first().waitFor();
    expect(await problemsOfAccess(page)).toEqual([]);
    // The end of the clip.
    await page
      .getByRole('log')
      .getByText(/for your country/i)
      .waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Ready').waitFor();

    const text = (await page.locator('[role=log] p').allTextContents()).join(' ');
    // A fake microphone stutters where the browser gets too little of the processor.
    expect(countErrors(jfkText, text).edits, text).toBeLessThanOrEqual(6);

    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByText('Copied').waitFor();
    const copied = await page.evaluate('navigator.clipboard.readText()');
    expect(String(copied).replaceAll('\n', ' ').trim()).toBe(text);

    for (const [name, begin] of [
      ['.txt', text.slice(0, 10)],
      ['.srt', '1\n00:00:0'],
      ['.vtt', 'WEBVTT\n\n00:00:0'],
      ['.json', '{\n  "captions"'],
    ] as const) {
      await page.getByRole('button', { name: 'Export' }).click();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name }).click(),
      ]);
      expect(download.suggestedFilename()).toMatch(new RegExp(`^captions-.+\\${name}$`));
      expect(await readFile(await download.path(), 'utf8')).toMatch(
        new RegExp(`^${begin.replace(/[{.]/g, '\\$&')}`),
      );
    }
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('Speak, and read along.').waitFor();
  });

  test('comes back by itself when the connection is lost, and says so', async () => {
    const gateway = await startGateway();
    const proxy = await startCuttingProxy(gateway.url);
    const page = await openPage(proxy.url, { microphone: await speech() });
    await page.getByRole('button', { name: 'Start' }).click();
    await page.locator('.caption.open').waitFor();
    proxy.accepts = false;
    proxy.cut();
    await page.getByText('Connection lost. Trying again').waitFor();
    proxy.accepts = true;
    await page.getByText('Connected again').waitFor();
    await page.locator('[role=log] p').first().waitFor();
  });

  test('explains what is wrong in plain words', async () => {
    const gateway = await startGateway({}, { engine: scripted() });
    const page = await openPage(gateway.url, { allowed: false });
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('alert').getByText('The microphone is blocked').waitFor();
    expect(await problemsOfAccess(page)).toEqual([]);
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await page.getByText('The microphone is blocked').waitFor({ state: 'detached' });
  });

  test('says that it needs HTTPS where it does', async () => {
    const gateway = await startGateway({ apiKey: 'secret' }, { engine: scripted() });
    const page = await openPage(gateway.url.replace('127.0.0.1', elsewhere), {});
    await page.getByLabel('Key').fill('wrong');
    await page.getByRole('button', { name: 'Use this key' }).click();
    await page.getByText('The gateway does not accept this key.').waitFor();
    await page.getByLabel('Key').fill('secret');
    await page.getByRole('button', { name: 'Use this key' }).click();
    await page.getByText('This gateway needs a key').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByText('This page needs HTTPS').waitFor();
  });

  test('themes, languages, keys and sizes', async () => {
    const gateway = await startGateway({}, { engine: scripted() });
    const page = await openPage(gateway.url, { microphone: await speech() });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await isDark(page)).toBe(colorScheme === 'dark');
      expect(await problemsOfAccess(page)).toEqual([]);
    }
    await page.keyboard.press('t');
    await page.getByRole('button', { name: 'Theme: light' }).waitFor();
    expect(await isDark(page)).toBe(false);
    await page.reload();
    expect(await isDark(page)).toBe(false);

    await page.keyboard.press('l');
    await page.getByText('开口说话，文字随行。').waitFor();
    expect(await page.getAttribute('html', 'lang')).toBe('zh-CN');
    await page.keyboard.press('l');

    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    expect(await problemsOfAccess(page)).toEqual([]);
    await page.getByLabel('Use shortcuts').uncheck();
    await page.keyboard.press('Escape');
    await page.keyboard.press('t');
    await page.getByRole('button', { name: 'Theme: light' }).waitFor();
    await page.getByRole('button', { name: 'Help' }).click();
    await page.getByLabel('Use shortcuts').check();
    await page.getByRole('button', { name: 'Close' }).click();

    for (const width of [360, 768, 1440, 2560]) {
      await page.setViewportSize({ width, height: 740 });
      const overflow =
        'document.documentElement.scrollWidth - document.documentElement.clientWidth';
      expect(await page.evaluate(overflow), `${width} px`).toBe(0);
      expect(await page.getByRole('button', { name: 'Start' }).isVisible()).toBe(true);
    }

    await page.evaluate('document.activeElement?.blur()');
    await page.keyboard.press('Space');
    await page.getByText('Listening').waitFor();
    await page.keyboard.press('Space');
    await page.getByText('Ready').waitFor();
  });
});

/** Where what is said does not matter. */
function scripted(): ScriptedEngine {
  return new ScriptedEngine({ script: (window) => spokenThrough(window, 'hello') });
}

/** A page that fails its test when the browser had to complain about it. */
async function openPage(url: string, options: BrowserOptions): Promise<Page> {
  const browser = await openBrowser(options);
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (/Content.Security.Policy/i.test(message.text())) complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (new URL(request.url()).host !== new URL(url).host && !request.url().startsWith('blob:'))
      complaints.push(`asked ${request.url()}`);
  });
  onTestFinished(() => expect(complaints).toEqual([]));
  await page.goto(url);
  return page;
}

/** What axe finds that is serious, by rule and place. */
async function problemsOfAccess(page: Page): Promise<string[]> {
  // As a tool of the browser's own, past the page's Content-Security-Policy.
  await page.evaluate(axe);
  const rules = JSON.stringify(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']);
  return await page.evaluate(`axe.run({ runOnly: ${rules} }).then(({ violations }) =>
    violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`);
}

function isDark(page: Page): Promise<boolean> {
  return page.evaluate(
    'getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/)[0] < 128',
  );
}

/** The clip after a moment: a fake microphone plays from when it is opened. */
async function speech(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'whisper-gateway-microphone-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'microphone.wav');
  await writeFile(file, await jfkAs('-af', 'adelay=1500', '-ar', '48000', '-f', 'wav'));
  return file;
}
