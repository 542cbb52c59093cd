import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import { chromiumPath } from '../support/browser.js';
import { jfkMicrophone } from '../support/microphone.js';
import { startGateway } from '../support/start-gateway.js';
import { openWebPage, problemsOfAccess } from '../support/web-page.js';

const apiKey = 'open sesame';
const kept = (page: Page) =>
  page.evaluate(`[sessionStorage, localStorage].map((storage) =>
    Object.values(storage).includes(${JSON.stringify(apiKey)}))`);

describe.skipIf(!chromiumPath)('a gateway that wants a key', () => {
  test('is asked for one in plain words, keeps it as one wishes, and forgets it', async () => {
    const engine = new ScriptedEngine({ script: (window) => spokenThrough(window, 'hello world') });
    const gateway = await startGateway({ apiKey }, { engine });
    const page = await openWebPage(gateway.url, { microphone: await jfkMicrophone() });
    await page.getByRole('heading', { name: 'This gateway needs a key' }).waitFor();
    expect(await problemsOfAccess(page)).toEqual([]);
    await page.getByRole('button', { name: '中文' }).click();
    await page.getByRole('heading', { name: '此网关需要密钥' }).waitFor();
    await page.getByRole('button', { name: 'English' }).click();

    await page.getByLabel('Key', { exact: true }).fill(apiKey);
    await page.getByRole('button', { name: 'Use this key' }).click();
    await page.getByText('This gateway needs a key').waitFor({ state: 'detached' });
    expect(await kept(page)).toEqual([true, false]);
    // HTTP has answered already; a socket takes the key as well.
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('log').getByText('hello').first().waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();

    const forget = async () => {
      await page.getByRole('button', { name: 'Help' }).click();
      await page.getByRole('button', { name: 'Forget the key' }).click();
      await page.getByText('This gateway needs a key').waitFor();
      expect(await kept(page)).toEqual([false, false]);
    };
    await forget();
    await page.getByLabel('Key', { exact: true }).fill(apiKey);
    await page.getByLabel('Keep it in this browser').check();
    await page.getByRole('button', { name: 'Use this key' }).click();
    await page.getByText('This gateway needs a key').waitFor({ state: 'detached' });
    expect(await kept(page)).toEqual([false, true]);
    const another = await page.context().newPage();
    await another.goto(gateway.url);
    await another.getByRole('button', { name: 'Start' }).waitFor();
    expect(await another.getByText('This gateway needs a key').count()).toBe(0);
    await another.close();
    await forget();
  });

  test('is used all the same by a browser that keeps no data of sites', async () => {
    const engine = new ScriptedEngine({ script: (window) => spokenThrough(window, 'hello world') });
    const gateway = await startGateway({ apiKey }, { engine });
    const page = await openWebPage(gateway.url);
    // What Chromium does where a person has blocked them.
    await page.addInitScript(`for (const name of ['localStorage', 'sessionStorage'])
      Object.defineProperty(window, name, {
        get() { throw new DOMException('Access is denied for this document.', 'SecurityError'); },
      })`);
    await page.reload();
    await page.getByLabel('Key', { exact: true }).fill(apiKey);
    await page.getByRole('button', { name: 'Use this key' }).click();
    await page.getByText('This gateway needs a key').waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Monitor' }).click();
    await page.getByText('Taking work', { exact: true }).waitFor();
  });
});
