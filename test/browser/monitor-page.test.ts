import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import { chromiumPath } from '../support/browser.js';
import { jfkAs } from '../support/jfk.js';
import { modelPath } from '../support/native-engine.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { openWebPage, problemsOfAccess } from '../support/web-page.js';

const bytesPerSecond = 32_000;

describe.skipIf(!chromiumPath)('the monitor page', () => {
  test('shows a session that runs, with its delay, and when it is over', async () => {
    const gateway = await startGateway();
    const page = await openWebPage(`${gateway.url}/#/monitor`);
    await page.getByText('Nobody is speaking.').waitFor();
    await page.getByText('Taking work', { exact: true }).waitFor();

    const client = await StreamClient.connect(gateway.url);
    const { session_id, model } = await client.start({
      audio: { format: 'pcm_s16le' },
      language: 'en',
      room: 'Main hall',
      speaker: 'Ada',
    });
    const sent = client.sendAudio(await jfkAs(), 3_200, bytesPerSecond);
    const row = page.getByRole('row').filter({ hasText: 'Ada' });
    await row.getByText('Live').waitFor();
    await row.getByText(/^(Quick|Careful)/).waitFor();
    const cells = (await row.getByRole('cell').allTextContents()).map((text) => text.trim());
    expect(await row.getByRole('rowheader').textContent()).toBe(
      `AdaRoom Main hall${session_id.slice(0, 8)}`,
    );
    expect(cells.slice(0, 3)).toEqual(['Live', 'English', model]);
    expect(cells.at(-2)).toMatch(/^0:\d\d$/);
    expect(cells.at(-1)).toMatch(/^\d+\.\d s(ec)?$/);
    // Whoever does not see the drawing is told what it shows.
    const drawing = page.getByRole('img', { name: /^Delay over .* longest: now \d+\.\d s/ });
    await drawing.waitFor();
    expect(await page.locator('.chart').first().locator('.line').count()).toBe(4);
    expect(await problemsOfAccess(page)).toEqual([]);
    // Nothing that is said is told here.
    await sent;
    await client.until(() => client.all('final').length > 0);
    expect(await page.getByText(/country/i).count()).toBe(0);
    await client.stop();
    await page.getByText('Nobody is speaking.').waitFor();
  });

  test('sets slots, loads, unloads and switches models, and says what came of it', async () => {
    const modelsDir = temporaryFolder();
    symlinkSync(modelPath, join(modelsDir, 'ggml-second.bin'));
    const gateway = await startGateway({ modelsDir, slots: 2 });
    const page = await openWebPage(`${gateway.url}/#/monitor`);
    await page.getByText('0 of 2 in use').waitFor();
    await page.getByRole('combobox', { name: 'Slots' }).selectOption('1');
    await page.getByRole('button', { name: 'Set' }).click();
    await page.getByText('1 may be in use now.').waitFor();
    await page.getByText('0 of 1 in use').waitFor();
    expect(gateway.health().slots).toBe(1);

    const models = page.getByRole('region', { name: 'Models' });
    await models.getByRole('row', { name: /^base-q8_0 ?default Loaded/ }).waitFor();
    // The default stays, so there is nothing to be done with it.
    expect(await models.getByRole('button', { name: /base-q8_0/ }).count()).toBe(0);
    await models.getByRole('button', { name: 'Load second' }).click();
    await models.getByText('second is loaded.').waitFor();
    await models.getByRole('button', { name: 'Unload second' }).click();
    await models.getByText('second is unloaded.').waitFor();
    await models.getByRole('button', { name: 'Make second the default' }).click();
    await models.getByText('second is the default now.').waitFor();
    await models.getByRole('row', { name: /^second ?default Loaded/ }).waitFor();
    expect(gateway.health().model).toBe('second');
  });

  test('asks before it drains, lets what has begun go on, and takes work again', async () => {
    const gateway = await startGateway({}, { engine: scripted() });
    const page = await openWebPage(`${gateway.url}/#/monitor`);
    const client = await StreamClient.connect(gateway.url);
    await client.start({ audio: { format: 'pcm_s16le' } });
    await page.getByRole('row').filter({ hasText: 'Live' }).waitFor();

    await page.getByRole('button', { name: 'Drain' }).click();
    const dialog = page.getByRole('dialog', { name: 'Take no new work?' });
    await dialog.getByText('one session and no files').waitFor();
    expect(await problemsOfAccess(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    expect(gateway.health().status).toBe('ok');

    await page.getByRole('button', { name: 'Drain' }).click();
    await dialog.getByRole('button', { name: 'Take no new work' }).click();
    await page.getByText('one session and no files go on to their end').waitFor();
    expect((await fetch(`${gateway.url}/ready`)).status).toBe(503);
    const refused = await StreamClient.connect(gateway.url);
    await refused.close();
    expect((await refused.next('transcription_failed')).code).toBe('server_draining');
    await page.getByRole('listitem').filter({ hasText: 'server_draining' }).waitFor();
    expect(await problemsOfAccess(page)).toEqual([]);

    await client.stop();
    expect((await client.next('transcription_stopped')).reason).toBe('client_stopped');
    await page.getByText('nothing is left: it can be stopped').waitFor();
    await page.getByRole('button', { name: 'Take work again' }).click();
    await page.getByText('Taking work', { exact: true }).waitFor();
    expect((await fetch(`${gateway.url}/ready`)).status).toBe(200);
  });

  test('asks for the key, and says when the gateway is gone', async () => {
    const gateway = await startGateway({ apiKey: 'secret' }, { engine: scripted() });
    const page = await openWebPage(`${gateway.url}/#/monitor`);
    await page.getByLabel('Key').fill('secret');
    await page.getByRole('button', { name: 'Use this key' }).click();
    await page.getByText('Taking work', { exact: true }).waitFor();
    await gateway.close();
    await page.getByRole('alert').getByText('The gateway cannot be reached').waitFor();
    await page.getByText(/What you see below is .+ old/).waitFor();
    expect(await problemsOfAccess(page)).toEqual([]);
  });

  test('says that what it shows is old when half of its questions have no answer any more', async () => {
    const gateway = await startGateway({}, { engine: scripted() });
    const page = await openWebPage(`${gateway.url}/#/monitor`);
    await page.getByText('Taking work', { exact: true }).waitFor();
    await page.route('**/health', () => {});
    await page.getByRole('alert').getByText('The gateway cannot be reached').waitFor();
    await page.getByText(/What you see below is .+ old/).waitFor();
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.getByText('The gateway cannot be reached').waitFor({ state: 'detached' });
  });

  test('asks nothing while nobody looks', async () => {
    const gateway = await startGateway({}, { engine: scripted() });
    const page = await openWebPage(`${gateway.url}/#/monitor`);
    await page.getByText('Taking work', { exact: true }).waitFor();
    let asked = 0;
    page.on('request', () => asked++);
    const show = (hidden: boolean) =>
      page.evaluate(`
        Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'))`);
    await show(true);
    // One more may have been on its way.
    await page.waitForTimeout(1_500);
    const before = asked;
    await page.waitForTimeout(2_500);
    expect(asked).toBe(before);
    await show(false);
    await page.waitForRequest(/stats/);
    await page.goto(`${gateway.url}/#/live`);
    await page.getByRole('button', { name: 'Start' }).waitFor();
  });

  test('themes, languages, keys and sizes', async () => {
    const gateway = await startGateway({}, { engine: scripted() });
    const page = await openWebPage(gateway.url);
    await page.getByRole('link', { name: 'Monitor' }).click();
    await page.getByText('Taking work', { exact: true }).waitFor();
    expect(await page.title()).toBe('Monitor · Whisper Gateway');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect(await problemsOfAccess(page)).toEqual([]);
    }
    const client = await StreamClient.connect(gateway.url);
    await client.start({ audio: { format: 'pcm_s16le' }, speaker: 'A'.repeat(200) });
    await page.getByRole('row').filter({ hasText: 'AAAA' }).waitFor();
    for (const width of [360, 768, 1440, 2560]) {
      await page.setViewportSize({ width, height: 740 });
      for (const part of ['document.documentElement', 'document.querySelector(".monitor")']) {
        const overflow = await page.evaluate(`${part}.scrollWidth - ${part}.clientWidth`);
        expect(overflow, `${part} at ${width} px`).toBe(0);
      }
      expect(await problemsOfAccess(page), `${width} px`).toEqual([]);
    }
    await page.keyboard.press('l');
    await page.getByText('正常服务').waitFor();
    expect(await problemsOfAccess(page)).toEqual([]);
    await page.keyboard.press('l');

    // Without a mouse: to the button, through the dialog and out of it again.
    const drain = page.getByRole('button', { name: 'Drain' });
    await drain.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(await drain.evaluate((element) => element.matches(':focus'))).toBe(true);
    await page.getByRole('combobox', { name: 'Slots' }).focus();
    await page.keyboard.press('1');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('1 may be in use now.').waitFor();
  });
});

/** Where what is said does not matter. */
function scripted(slots = 2): ScriptedEngine {
  return new ScriptedEngine({ slots, script: (window) => spokenThrough(window, 'hello') });
}
