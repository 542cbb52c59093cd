import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import { chromiumPath } from '../support/browser.js';
import { jfkMp3 } from '../support/jfk.js';
import { createJob, endedJob } from '../support/jobs-client.js';
import { jfkMicrophone } from '../support/microphone.js';
import { startGateway } from '../support/start-gateway.js';
import { openWebPage, problemsOfAccess } from '../support/web-page.js';

const screen = { width: 360, height: 740 };

describe.skipIf(!chromiumPath)('a screen of 360 pixels', () => {
  test('what is said can be exported: no entry of the menu is beside the screen', async () => {
    const gateway = await startGateway({}, { engine: scripted() });
    const page = await openWebPage(gateway.url, { microphone: await jfkMicrophone() });
    await page.setViewportSize(screen);
    expect(await problemsOfAccess(page)).toEqual([]);
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('log').getByText('hello').first().waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Ready').waitFor();
    await opensWithin(page, 'Export');
    expect(await problemsOfAccess(page)).toEqual([]);
    await page.getByRole('button', { name: 'Clear the captions' }).click();
    expect(await isWithin(page, '.actions > button, .actions > a')).toBe(true);
  });

  test('files are exported, and a transcript is copied', async () => {
    const gateway = await startGateway({}, { engine: scripted() });
    const ids = [];
    for (const name of ['first.mp3', 'second.mp3']) {
      const { id } = await createJob(gateway.url, { name, bytes: jfkMp3 });
      await endedJob(gateway.url, id);
      ids.push(id);
    }
    const page = await openWebPage(`${gateway.url}/#/files`);
    await page.setViewportSize(screen);
    await page.getByRole('link', { name: 'second.mp3' }).waitFor();
    await opensWithin(page, 'Export all');
    await opensWithin(page, 'Export first.mp3');
    expect(await page.getByLabel('Language').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Options' }).click();
    await page.getByLabel('Language').selectOption('Welsh');
    await page.getByRole('button', { name: 'Options Welsh' }).waitFor();
    expect(await problemsOfAccess(page)).toEqual([]);

    await page.goto(`${gateway.url}/#/files/${ids[0]}`);
    await page.locator('.word').first().waitFor();
    await opensWithin(page, 'Export');
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await problemsOfAccess(page)).toEqual([]);
  });

  test('the pages of overlay and gateway', async () => {
    const gateway = await startGateway({}, { engine: scripted() });
    const page = await openWebPage(`${gateway.url}/#/overlay`);
    await page.setViewportSize(screen);
    await page.getByRole('heading', { name: 'Captions on a screen' }).waitFor();
    expect(await problemsOfAccess(page)).toEqual([]);
    // What one changes at the end of the page is seen at once.
    await page.getByRole('button', { name: 'Back to the defaults' }).scrollIntoViewIfNeeded();
    expect(await isWithin(page, '.stage')).toBe(true);
    await page.getByRole('link', { name: 'Monitor' }).click();
    await page.getByText('Taking work', { exact: true }).waitFor();
    expect(await problemsOfAccess(page)).toEqual([]);
  });
});

/** Where what is said does not matter. */
function scripted(): ScriptedEngine {
  return new ScriptedEngine({ script: (window) => spokenThrough(window, 'hello') });
}

/** Opens a menu, and looks where its entries are. */
async function opensWithin(page: Page, name: string): Promise<void> {
  const button = page.getByRole('button', { name, exact: true });
  await button.click();
  const shown = '.menu-items:not([hidden]) button';
  expect(await page.locator(shown).count(), name).toBe(5);
  expect(await isWithin(page, shown), name).toBe(true);
  await page.keyboard.press('Escape');
}

/** Whether all of them are seen, each as a whole. */
async function isWithin(page: Page, selector: string): Promise<boolean> {
  const places = await page.locator(selector).all();
  const boxes = await Promise.all(places.map((place) => place.boundingBox()));
  return boxes.every(
    (box) =>
      box &&
      box.x >= 0 &&
      box.y >= 0 &&
      box.x + box.width <= screen.width &&
      box.y + box.height <= screen.height,
  );
}
