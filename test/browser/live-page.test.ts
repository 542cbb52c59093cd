import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import { chromiumPath, elsewhere } from '../support/browser.js';
import { startCuttingProxy } from '../support/cutting-proxy.js';
import { jfkText } from '../support/jfk.js';
import { jfkMicrophone } from '../support/microphone.js';
import { startGateway } from '../support/start-gateway.js';
import { openWebPage, problemsOfAccess } from '../support/web-page.js';
import { countErrors } from '../support/word-error-rate.js';

describe.skipIf(!chromiumPath)('the live page', () => {
  test('shows what is said, stops, copies and exports', async () => {
    const gateway = await startGateway();
    const page = await openWebPage(gateway.url, { microphone: await jfkMicrophone() });
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
    // It asks once more, and Escape is a no.
    await page.getByRole('button', { name: 'Clear the captions' }).click();
    await page.getByRole('button', { name: 'Clear for good' }).press('Escape');
    expect(await page.locator('[role=log] p').count()).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Clear the captions' }).click();
    await page.getByRole('button', { name: 'Clear for good' }).click();
    await page.getByText('Speak, and read along.').waitFor();
  });

  test('comes back by itself when the connection is lost, and says so', async () => {
    const gateway = await startGateway();
    const proxy = await startCuttingProxy(gateway.url);
    const page = await openWebPage(proxy.url, { microphone: await jfkMicrophone() });
    await page.getByRole('button', { name: 'Start' }).click();
    await page.locator('.caption.open').waitFor();
    proxy.accepts = false;
    proxy.cut();
    await page.getByText('Connection lost. Trying again').waitFor();
    proxy.accepts = true;
    await page.getByText('Connected again').waitFor();
    await page.locator('[role=log] p').first().waitFor();
  });

  test('a second press on Stop gives up at once while the connection is lost', async () => {
    const gateway = await startGateway({}, { engine: scripted() });
    const proxy = await startCuttingProxy(gateway.url);
    const page = await openWebPage(proxy.url, { microphone: await jfkMicrophone() });
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByText('Listening').waitFor();
    proxy.accepts = false;
    proxy.cut();
    await page.getByText('Connection lost. Trying again').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Finishing').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Ready').waitFor();
  });

  test('a model and a microphone that were chosen once and are gone are the default again', async () => {
    const gateway = await startGateway({}, { engine: scripted() });
    const page = await openWebPage(gateway.url, { microphone: await jfkMicrophone() });
    await page.evaluate(`localStorage.setItem('whisper-gateway',
      JSON.stringify({ model: 'removed', microphone: 'unplugged' }))`);
    await page.reload();
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('log').getByText('hello').first().waitFor();
    for (const label of ['Model', 'Microphone']) {
      expect(await page.getByLabel(label).inputValue(), label).toBe('');
    }
    expect(await page.locator('[role=alert] .card').count()).toBe(0);
  });

  test('explains what is wrong in plain words', async () => {
    const gateway = await startGateway({}, { engine: scripted() });
    const page = await openWebPage(gateway.url, { allowed: false });
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('alert').getByText('The microphone is blocked').waitFor();
    expect(await problemsOfAccess(page)).toEqual([]);
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await page.getByText('The microphone is blocked').waitFor({ state: 'detached' });
  });

  test('says that it needs HTTPS where it does', async () => {
    const gateway = await startGateway({ apiKey: 'secret' }, { engine: scripted() });
    const page = await openWebPage(gateway.url.replace('127.0.0.1', elsewhere), {});
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
    const page = await openWebPage(gateway.url, { microphone: await jfkMicrophone() });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
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

function isDark(page: Page): Promise<boolean> {
  return page.evaluate(
    'getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/)[0] < 128',
  );
}
