import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import type { Gateway } from '../../src/gateway/index.js';
import { chromiumPath, openBrowser } from '../support/browser.js';
import { startCuttingProxy } from '../support/cutting-proxy.js';
import { jfkAs, jfkText } from '../support/jfk.js';
import { jfkMicrophone } from '../support/microphone.js';
import { watchOverlay } from '../support/overlay-frames.js';
import { speak } from '../support/speak.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';
import { problemsOfAccess } from '../support/web-page.js';
import { countErrors } from '../support/word-error-rate.js';

/** Few enough characters that the clip takes several lines, and a screen that stays. */
const look = 'lines=2&chars=32&min_ms=1000&clear_ms=0';

describe.skipIf(!chromiumPath)('the overlay', () => {
  test('shows the words of a session, and keeps its contract in every frame', async () => {
    const gateway = await startGateway();
    const page = await openOverlay(await openBrowser(), `${gateway.url}/overlay?room=hall&${look}`);
    const watched = await watchOverlay(page);
    const client = await talk(gateway, { room: 'hall', speaker: 'Kennedy' });
    await untilShown(page, client.text);
    const { problems, lines } = await watched.end();
    expect(problems).toEqual([]);
    expect(words(lines.join(' '))).toEqual(words(client.text));
    expect(lines.length).toBeGreaterThan(3);
    expect(await page.locator('body').screenshot({ omitBackground: true })).toBeTruthy();
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(
      'rgba(0, 0, 0, 0)',
    );
    expect(await problemsOfAccess(page)).toEqual([]);

    // Somebody who comes late sees the lines that stand there.
    const late = await openOverlay(page.context(), page.url());
    await untilShown(late, client.text);
    expect(words(client.text).join(' ')).toContain(words(await textOf(late)).join(' '));
  });

  test('goes on where it was when its connection is lost', async () => {
    const gateway = await startGateway();
    const proxy = await startCuttingProxy(gateway.url);
    const page = await openOverlay(await openBrowser(), `${proxy.url}/overlay?room=hall&${look}`);
    const watched = await watchOverlay(page);
    const cutInSpeech = async () => {
      await page.locator('.overlay-line').first().waitFor();
      proxy.accepts = false;
      proxy.cut();
      await expect.poll(() => page.title()).toMatch(/^…/);
      proxy.accepts = true;
    };
    const client = await speak(gateway, cutInSpeech, { room: 'hall' });
    await untilShown(page, client.text);
    const { problems, lines } = await watched.end();
    expect(problems).toEqual([]);
    // Words that were said meanwhile may be missing; none is there twice, and none in the wrong place.
    const { edits } = countErrors(client.text, lines.join(' '));
    expect(words(client.text).length - words(lines.join(' ')).length).toBe(edits);
  });

  test('the Live page speaks into a room, and its link shows what is said there', async () => {
    const gateway = await startGateway();
    const browser = await openBrowser({ microphone: await jfkMicrophone() });
    const live = await browser.newPage();
    await live.goto(gateway.url);
    await live.getByLabel('Language').selectOption('en');
    const [overlay] = await Promise.all([
      browser.waitForEvent('page'),
      live.getByRole('link', { name: 'Overlay', exact: true }).last().click(),
    ]);
    await overlay.waitForLoadState();
    expect(new URL(overlay.url()).searchParams.get('room')).toMatch(/^[a-z2-9]{10}$/);
    const watched = await watchOverlay(overlay);
    await live.bringToFront();
    await live.getByRole('button', { name: 'Start' }).click();
    await live
      .getByRole('log')
      .getByText(/for your country/i)
      .waitFor({ timeout: 60_000 });
    await live.getByRole('button', { name: 'Stop' }).click();
    await live.getByText('Ready').waitFor();
    const said = (await live.locator('[role=log] p').allTextContents()).join(' ');
    await untilShown(overlay, said);
    const { problems, lines } = await watched.end();
    expect(problems).toEqual([]);
    expect(words(lines.join(' '))).toEqual(words(said));
    expect(countErrors(jfkText, said).edits, said).toBeLessThanOrEqual(6);
  });

  test('the settings make an address, and show what it does', async () => {
    const gateway = await startGateway({ apiKey: 'sec/ret' }, { engine: scripted() });
    const browser = await openBrowser();
    const page = await browser.newPage();
    await page.goto(`${gateway.url}/#/overlay`);
    await page.getByRole('textbox', { name: 'Key' }).fill('sec/ret');
    await page.getByRole('button', { name: 'Use this key' }).click();
    await page.getByLabel('Room').fill('Main hall');
    await page.getByLabel('Lines', { exact: true }).fill('3');
    await page.getByLabel('Told apart by').selectOption('both');
    await page.getByLabel('Words', { exact: true }).fill('#ffcc00');
    await page.getByLabel('Font').fill('DejaVu Serif');
    await page.keyboard.press('Tab');
    const preview = page.locator('.stage .overlay');
    await preview.locator('.overlay-row').nth(2).waitFor({ state: 'attached' });
    expect(await preview.locator('.overlay-row').count()).toBe(3);
    await preview
      .getByText(/Anna|Ben/)
      .first()
      .waitFor();
    expect(await problemsOfAccess(page)).toEqual([]);
    await page.getByText('can watch this room until').waitFor();
    await page.getByRole('button', { name: 'Copy the address' }).click();
    await page.getByText('Copied').waitFor();
    const address = String(await page.evaluate('navigator.clipboard.readText()'));
    const [shownAddress, token] = address.split('#token=');
    expect(shownAddress).toBe(
      `${gateway.url}/overlay?room=Main+hall&lines=3&font=DejaVu+Serif&color=ffcc00&speakers=both`,
    );
    expect(token).toMatch(/^wgt_/);
    expect(address).not.toMatch(/sec.{1,3}ret/);
    await page.reload();
    expect((await page.getByLabel('Address').inputValue()).split('#')[0]).toBe(shownAddress);

    const shown = await openOverlay(browser, address);
    const key = Buffer.from('sec/ret').toString('base64url');
    const client = await StreamClient.connect(gateway.url, '/v1/stream', ['bearer', key]);
    await client.start({ audio: { format: 'pcm_s16le' }, room: 'Main hall', speaker: 'Zoë' });
    await client.sendAudio(await jfkAs());
    await shown.getByText('Zoë: ').waitFor();
    await shown.getByText('hello').first().waitFor();
    const font = 'getComputedStyle(document.querySelector(".overlay-line")).fontFamily';
    expect(await shown.evaluate(font)).toContain('DejaVu Serif');
    await client.stop();

    for (const width of [360, 768, 1440, 2560]) {
      await page.setViewportSize({ width, height: 740 });
      const overflow =
        'document.documentElement.scrollWidth - document.documentElement.clientWidth';
      expect(await page.evaluate(overflow), `${width} px`).toBe(0);
    }
  });

  test('says what is wrong with an address', async () => {
    const gateway = await startGateway({}, { engine: scripted() });
    const browser = await openBrowser();
    const nameless = await openOverlay(browser, `${gateway.url}/overlay`);
    await nameless.getByText('Add ?room=NAME to the address.').waitFor();
    const wrong = await openOverlay(browser, `${gateway.url}/overlay?room=a&lines=99`);
    await wrong.getByText('lines is not understood: 1 … 10.').waitFor();
    const misnamed = await openOverlay(browser, `${gateway.url}/overlay?room=a/b`);
    await misnamed.getByText('room is not understood: letters, digits, spaces').waitFor();
  });

  test('says that it is not let in, until it is', async () => {
    const gateway = await startGateway({ apiKey: 'secret' }, { engine: scripted() });
    const made = await fetch(`${gateway.url}/v1/tokens`, {
      method: 'POST',
      headers: { authorization: 'Bearer secret', 'content-type': 'application/json' },
      body: JSON.stringify({ scopes: ['watch'], room: 'yard' }),
    });
    const { token: ofTheYard } = (await made.json()) as { token: string };
    const browser = await openBrowser();
    for (const [token, words] of [
      ['', 'The token in the address is missing, wrong or expired.'],
      ['wgt_no_such', 'The token in the address is missing, wrong or expired.'],
      [ofTheYard, 'The token in the address is for another room.'],
    ]) {
      const address = `${gateway.url}/overlay?room=hall#token=${token}`;
      const page = await openOverlay(browser, address);
      await page.getByText(`${words} The settings at /#/overlay make an address.`).waitFor();
      expect(await problemsOfAccess(page)).toEqual([]);
    }
    const page = await openOverlay(browser, `${gateway.url}/overlay?room=yard`);
    await page.getByRole('status').waitFor();
    await page.goto(`${gateway.url}/overlay?room=yard#token=${ofTheYard}`);
    await page.reload();
    await page.getByRole('status').waitFor({ state: 'hidden' });
    await expect.poll(() => page.title()).toBe('yard · captions');
  });
});

/** Streams the clip into a gateway as fast as he speaks. */
async function talk(gateway: Gateway, fields: object): Promise<StreamClient> {
  const client = await StreamClient.connect(gateway.url);
  await client.start({ language: 'en', audio: { format: 'pcm_s16le' }, ...fields });
  await client.sendAudio(await jfkAs(), 3_200, 32_000);
  await client.stop();
  return client;
}

/** Where what is said does not matter. */
function scripted(): ScriptedEngine {
  return new ScriptedEngine({ script: (window) => spokenThrough(window, 'hello there') });
}

/** A screen that fails its test when the browser had to complain, or anybody else was asked. */
async function openOverlay(browser: BrowserContext, url: string): Promise<Page> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (/Content.Security.Policy/i.test(message.text())) complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (new URL(request.url()).host !== new URL(url).host) complaints.push(request.url());
  });
  onTestFinished(() => expect(complaints).toEqual([]));
  await page.goto(url);
  return page;
}

async function textOf(page: Page): Promise<string> {
  return (await page.locator('.overlay-committed').allTextContents()).join(' ');
}

/** Waits for the end of what was said, which may have words that were said before. */
async function untilShown(page: Page, said: string): Promise<void> {
  const lines = `[...document.querySelectorAll('.overlay-line')]
    .sort((one, other) => one.dataset.line - other.dataset.line)
    .map((line) => line.querySelector('.overlay-committed').textContent)
    .join(' ')`;
  const end = words(said).slice(-3);
  await expect
    .poll(async () => words(String(await page.evaluate(lines))).slice(-end.length))
    .toEqual(end);
}

/** As they are compared: punctuation that comes late has no room sometimes. */
function words(text: string): string[] {
  return text
    .split(/\s+/)
    .map((word) => word.replace(/[^\p{L}\p{N}’'-]+$/u, ''))
    .filter(Boolean);
}
