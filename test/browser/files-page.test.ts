import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { ScriptedEngine, spoken } from '../../src/engine/index.js';
import { chromiumPath } from '../support/browser.js';
import { startCuttingProxy } from '../support/cutting-proxy.js';
import { jfkAs, jfkMp3, jfkPath, jfkText } from '../support/jfk.js';
import { createJob, endedJob, resultOf } from '../support/jobs-client.js';
import { readManifest, sharedAudio } from '../support/shared-audio.js';
import { startGateway } from '../support/start-gateway.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { openWebPage, problemsOfAccess } from '../support/web-page.js';
import { countErrors } from '../support/word-error-rate.js';

describe.skipIf(!chromiumPath)('the list of files', () => {
  test('a dropped folder is uploaded, transcribed and exported; what is no recording is left out', async () => {
    const gateway = await startGateway();
    const page = await openWebPage(`${gateway.url}/#/files`);
    await page.getByText('Drop recordings here.').waitFor();
    expect(await problemsOfAccess(page)).toEqual([]);

    const folder = await recordings();
    await drop(page, [folder.path]);
    await page.getByText('left out: 1').waitFor();
    for (const { name, text } of folder.files) {
      await page.getByRole('link', { name }).waitFor({ timeout: 60_000 });
      await page.getByRole('button', { name: `Export ${name}` }).click();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Plain text' }).click(),
      ]);
      const written = await readFile(await download.path(), 'utf8');
      expect(countErrors(text, written).edits, written).toBeLessThanOrEqual(
        Math.ceil(text.split(' ').length / 5),
      );
    }
    expect(await problemsOfAccess(page)).toEqual([]);
    // It is all there again.
    await page.reload();
    await page.getByRole('link', { name: folder.files[0]?.name as string }).waitFor();
  });

  test('position, progress and time left; priority, cancel, retry and delete', async () => {
    const engine = new ScriptedEngine({ script: () => spoken([['word', 0, 300]]), held: true });
    const gateway = await startGateway({ jobsConcurrency: 1, maxWindowMs: 8_000 }, { engine });
    const page = await openWebPage(`${gateway.url}/#/files`);
    const long = await jfkAs('-ar', '8000', '-f', 'wav', '-af', 'aloop=loop=10:size=484000');
    await choose(page, { 'long.wav': long });
    await row(page, 'long.wav').getByText('Transcribing').waitFor();
    await choose(page, { 'second.mp3': jfkMp3 });
    await row(page, 'second.mp3').getByText('next in the queue').waitFor();
    await choose(page, { 'third.mp3': jfkMp3 });
    await row(page, 'third.mp3').getByText('number 2 in the queue').waitFor();
    await page.getByText('1 running, 2 waiting').waitFor();
    expect(await problemsOfAccess(page)).toEqual([]);

    await page.getByLabel('Priority of third.mp3').selectOption('High');
    await row(page, 'third.mp3').getByText('next in the queue').waitFor();
    await row(page, 'second.mp3').getByText('number 2 in the queue').waitFor();

    // Three windows of many, one after the other.
    for (let window = 1; window <= 3; window++) {
      await expect.poll(() => engine.windows.length).toBeGreaterThanOrEqual(window);
      engine.release(1);
    }
    const bar = page.getByRole('progressbar', { name: 'Transcribing long.wav' });
    await expect.poll(async () => Number(await bar.getAttribute('value'))).toBeGreaterThan(8);
    await row(page, 'long.wav').getByText(/left/).waitFor();

    await page.getByRole('button', { name: 'Cancel long.wav' }).click();
    await row(page, 'long.wav').getByText('Cancelled').waitFor();
    await page.getByRole('button', { name: 'Cancel second.mp3' }).click();
    await row(page, 'second.mp3').getByText('Cancelled').waitFor();
    await page.getByRole('button', { name: 'Try second.mp3 again' }).click();
    await row(page, 'second.mp3').getByText('next in the queue').waitFor();
    engine.release();
    await page.getByRole('link', { name: 'second.mp3' }).waitFor();
    await page.getByRole('link', { name: 'third.mp3' }).waitFor();

    await page.getByRole('button', { name: 'Delete long.wav' }).click();
    await page.getByRole('button', { name: 'Delete for good' }).press('Escape');
    await page.getByRole('button', { name: 'Delete long.wav' }).click();
    await page.getByRole('button', { name: 'Delete for good' }).click();
    await row(page, 'long.wav').waitFor({ state: 'detached' });
  });

  test('what goes wrong is said in plain words, and uploads are tried again', async () => {
    const engine = new ScriptedEngine({ script: () => spoken([['word', 0, 300]]) });
    const gateway = await startGateway({ maxUploadBytes: 100_000 }, { engine });
    const proxy = await startCuttingProxy(gateway.url);
    const page = await openWebPage(`${proxy.url}/#/files`);
    await page.getByText('Drop recordings here.').waitFor();
    await choose(page, { 'notes.mp3': Buffer.from('These are no sounds.') });
    await row(page, 'notes.mp3').getByText('This is no recording, or it is damaged.').waitFor();
    await choose(page, { 'large.wav': Buffer.alloc(300_000) });
    await row(page, 'large.wav').getByText('larger than this gateway takes').waitFor();
    await page.getByRole('button', { name: 'Do not upload large.wav' }).click();
    await row(page, 'large.wav').waitFor({ state: 'detached' });

    proxy.accepts = false;
    proxy.cut();
    await page.getByRole('alert').getByText('The gateway cannot be reached').waitFor();
    await choose(page, { 'clip.mp3': jfkMp3 });
    await row(page, 'clip.mp3').getByText('Trying again by itself.').waitFor();
    proxy.accepts = true;
    await page.getByRole('link', { name: 'clip.mp3' }).waitFor();
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });

  test('the focus stays with what was cancelled, and goes on to the next of what was deleted', async () => {
    const engine = new ScriptedEngine({ script: () => spoken([['word', 0, 300]]), held: true });
    const gateway = await startGateway({ jobsConcurrency: 1 }, { engine });
    const page = await openWebPage(`${gateway.url}/#/files`);
    await choose(page, { 'first.mp3': jfkMp3 });
    await row(page, 'first.mp3').getByText('Transcribing').waitFor();
    await choose(page, { 'second.mp3': jfkMp3 });
    await page.getByRole('button', { name: 'Cancel second.mp3' }).press('Enter');
    await hasFocus(page.getByRole('button', { name: 'Try second.mp3 again' }));
    await page.getByRole('button', { name: 'Cancel first.mp3' }).press('Enter');
    await hasFocus(page.getByRole('button', { name: 'Try first.mp3 again' }));

    await page.getByRole('button', { name: 'Delete first.mp3' }).press('Enter');
    await hasFocus(page.getByRole('button', { name: 'Delete for good' }));
    await page.keyboard.press('Enter');
    await hasFocus(page.getByRole('button', { name: 'Try second.mp3 again' }));
    await page.getByRole('button', { name: 'Delete second.mp3' }).press('Enter');
    await page.keyboard.press('Enter');
    await hasFocus(page.locator('.drop .primary'));
  });

  test('files are sent without a model that was chosen once and is gone', async () => {
    const engine = new ScriptedEngine({ script: () => spoken([['word', 0, 300]]) });
    const gateway = await startGateway({}, { engine });
    const page = await openWebPage(`${gateway.url}/#/files`);
    await page.evaluate(
      `localStorage.setItem('whisper-gateway', JSON.stringify({ fileModel: 'removed' }))`,
    );
    await page.reload();
    await page.getByText('Drop recordings here.').waitFor();
    expect(await page.getByLabel('Model').inputValue()).toBe('');
    await choose(page, { 'clip.mp3': jfkMp3 });
    await page.getByRole('link', { name: 'clip.mp3' }).waitFor();
  });

  test('with a key, and with the keyboard alone', async () => {
    const engine = new ScriptedEngine({ script: () => spoken([['word', 0, 300]]) });
    const gateway = await startGateway({ apiKey: 'secret' }, { engine });
    const page = await openWebPage(`${gateway.url}/#/files`);
    await page.getByLabel('Key').fill('secret');
    await page.keyboard.press('Enter');
    await page.getByText('Drop recordings here.').waitFor();
    // The browser has to know that we choose the file before it would ask a person, and keys may overtake what
    // it is told: it has been when it has answered something else.
    const choosing = page.waitForEvent('filechooser');
    await page.evaluate('document.activeElement?.blur()');
    await page.keyboard.press('o');
    await (await choosing).setFiles(jfkPath);
    const link = page.getByRole('link', { name: 'jfk.mp3' });
    await link.waitFor();
    await link.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Go to 0:00' }).waitFor();
    // The player has no headers to send the key in.
    await page.keyboard.press('Space');
    await expect.poll(() => position(page)).toBeGreaterThan(0.3);
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  });

  test('themes, languages and sizes', async () => {
    const engine = new ScriptedEngine({ script: () => spoken([['word', 0, 300]]) });
    const gateway = await startGateway({}, { engine });
    const name = `${'a recording with a long name '.repeat(4)}.mp3`;
    const { id } = await createJob(gateway.url, { name, bytes: jfkMp3 });
    await endedJob(gateway.url, id);
    const page = await openWebPage(`${gateway.url}/#/files`);
    for (const where of ['#/files', `#/files/${id}`]) {
      await page.goto(`${gateway.url}/${where}`);
      await page.getByRole('heading', { name: /a recording|Files/ }).waitFor();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        expect(await problemsOfAccess(page)).toEqual([]);
      }
      for (const width of [360, 768, 1440, 2560]) {
        await page.setViewportSize({ width, height: 740 });
        const overflow =
          'document.documentElement.scrollWidth - document.documentElement.clientWidth';
        expect(await page.evaluate(overflow), `${where} ${width} px`).toBe(0);
      }
    }
    await page.keyboard.press('l');
    await page.getByRole('button', { name: '播放', exact: true }).waitFor();
  });
});

describe.skipIf(!chromiumPath)('a transcript', () => {
  test('plays: words light up, and are jumped to', async () => {
    const { page } = await openTranscript();
    const parts: number[] = [];
    page.on('response', (response) => {
      if (response.url().includes('/audio')) parts.push(response.status());
    });
    await page.reload();
    await page.locator('.word').first().waitFor();
    const text = (await page.locator('.words').allTextContents()).join(' ');
    expect(countErrors(jfkText, text).edits, text).toBeLessThanOrEqual(2);
    expect(await problemsOfAccess(page)).toEqual([]);
    await expect.poll(() => parts).toContain(206);

    // The picture of the sound is drawn.
    await page.locator('.waveform canvas').first().waitFor();
    expect(await page.getByRole('slider', { name: 'Position' }).getAttribute('aria-valuemax')).toBe(
      '11',
    );

    const word = page.locator('.word', { hasText: 'country' }).first();
    const start = Number(await word.getAttribute('data-start')) / 1_000;
    await word.click();
    // What is shown follows with the next frame.
    await expect.poll(() => position(page)).toBeCloseTo(start, 0);
    await page.locator('.word.said', { hasText: 'country' }).waitFor();

    await page.keyboard.press('Space');
    await page.locator('.word.said', { hasText: 'can' }).waitFor();
    await page.locator('.word.said', { hasText: 'do' }).waitFor();
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();

    await word.click();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => position(page)).toBeCloseTo(start - 5, 0);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => position(page)).toBeCloseTo(start, 0);
    await page.locator('.word.said', { hasText: 'country' }).waitFor();
    await page.keyboard.press('.');
    await page.locator('.word.said', { hasText: 'can' }).waitFor();
    await page.getByRole('button', { name: 'Go to 0:00' }).click();
    await expect.poll(() => position(page)).toBeLessThan(1);
    await page.mouse.click(...(await middleOf(page, '.waveform')));
    await expect.poll(() => position(page)).toBeCloseTo(5.5, 0);
  });

  test('is searched, edited and exported', async () => {
    const { page, url, id } = await openTranscript();
    await page.keyboard.press('/');
    await page.keyboard.type('COUNTRY');
    await page.getByText('1 of 2').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('2 of 2').waitFor();
    // Painted a moment after they were counted.
    await expect.poll(() => page.evaluate('CSS.highlights.get("found")?.size')).toBe(2);
    await page.keyboard.press('Escape');

    const whole = await resultOf(url, id, 'srt');
    expect(await exported(page, 'Subtitles')).toBe(whole);

    await page.keyboard.press('e');
    const area = page.getByRole('textbox', { name: 'Edit' });
    await area.waitFor();
    expect(await problemsOfAccess(page)).toEqual([]);
    const first = await area.inputValue();
    const edited = first.replace(/Americans/, 'earthlings');
    expect(edited).not.toBe(first);
    await area.fill(edited);
    await area.press('Enter');
    await page.getByText('Edits are kept in this browser only').waitFor();
    await page.reload();
    await page.locator('.word', { hasText: 'earthlings' }).waitFor();
    expect(await exported(page, 'Plain text')).toContain(edited);
    const json = JSON.parse(await exported(page, 'Everything'));
    expect(json.segments[0].text).toBe(edited);
    const word = json.words.find((each: { word: string }) => /earthlings/.test(each.word));
    expect(word.end).toBeGreaterThan(word.start);
    expect(await exported(page, 'Table')).toMatch(/^start\tend\ttext\n\d+\t\d+\t.*earthlings/);
    expect(await exported(page, 'Web subtitles')).toMatch(
      /^WEBVTT\n\n[\d:.]+ --> [\d:.]+\n.*earthlings/,
    );

    await page.keyboard.press('e');
    await area.fill('nothing of the kind');
    await area.press('Escape');
    await page.locator('.word', { hasText: 'earthlings' }).waitFor();
    await page.getByRole('button', { name: 'Undo all edits' }).click();
    await page.locator('.word', { hasText: 'Americans' }).waitFor();
    expect(await exported(page, 'Subtitles')).toBe(whole);
  });

  test('its slider has keys of its own, with shortcuts or without', async () => {
    const { page } = await openScripted();
    await page.getByRole('button', { name: 'Help' }).click();
    await page.getByLabel('Use shortcuts').uncheck();
    await page.keyboard.press('Escape');
    const slider = page.getByRole('slider', { name: 'Position' });
    for (const [key, seconds] of [
      ['ArrowRight', 5],
      ['ArrowUp', 10],
      ['ArrowLeft', 5],
      ['End', 11],
      ['ArrowDown', 6],
      ['Home', 0],
    ] as const) {
      await slider.press(key);
      await expect.poll(() => position(page), { message: key }).toBeCloseTo(seconds, 0);
    }
  });

  test('keys that choose among characters while some are composed are no keys of the page', async () => {
    const { page } = await openScripted();
    const devtools = await page.context().newCDPSession(page);
    const compose = (text: string) =>
      devtools.send('Input.imeSetComposition', { text, selectionStart: 2, selectionEnd: 2 });
    await page.keyboard.press('e');
    const area = page.getByRole('textbox', { name: 'Edit' });
    await area.fill('');
    await compose('ni');
    await page.keyboard.press('Escape');
    await devtools.send('Input.insertText', { text: '你' });
    expect(await area.inputValue()).toBe('你');
    await area.press('Escape');
    await area.waitFor({ state: 'detached' });

    await page.keyboard.press('/');
    await compose('wo');
    await page.keyboard.press('Escape');
    const search = page.getByRole('searchbox', { name: 'Search' });
    expect(await search.evaluate((element) => element.matches(':focus'))).toBe(true);
  });

  test('opened without a connection is there when the connection is back', async () => {
    const engine = new ScriptedEngine({ script: () => spoken([['word', 0, 300]]) });
    const gateway = await startGateway({}, { engine });
    const { id } = await createJob(gateway.url, { name: 'jfk.mp3', bytes: jfkMp3 });
    await endedJob(gateway.url, id);
    const proxy = await startCuttingProxy(gateway.url);
    const page = await openWebPage(`${proxy.url}/#/files`);
    const link = page.getByRole('link', { name: 'jfk.mp3' });
    await link.waitFor();
    proxy.accepts = false;
    proxy.cut();
    await link.click();
    const alert = page.getByRole('alert').getByText('The gateway cannot be reached.');
    await alert.waitFor();
    proxy.accepts = true;
    await page.locator('.word').first().waitFor();
    await alert.waitFor({ state: 'detached' });

    // Where one question alone had no answer, nothing else tells when to ask again.
    await page.getByRole('main').getByRole('link', { name: 'Files' }).click();
    await page.route(`**/v1/jobs/${id}`, (route) => route.abort());
    await link.click();
    await alert.waitFor();
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.word').first().waitFor();
  });

  test('of a file that is gone says so', async () => {
    const engine = new ScriptedEngine({ script: () => spoken([]) });
    const gateway = await startGateway({}, { engine });
    const page = await openWebPage(`${gateway.url}/#/files/job_gone`);
    await page.getByRole('alert').getByText('This file is not here any more.').waitFor();
    await page.getByRole('main').getByRole('link', { name: 'Files' }).click();
    await page.getByText('Drop recordings here.').waitFor();
  });
});

/** The page of a transcript of 11 s in which it does not matter what is said. */
async function openScripted() {
  const engine = new ScriptedEngine({ script: () => spoken([['word', 0, 300]]) });
  const { url } = await startGateway({}, { engine });
  const { id } = await createJob(url, { name: 'jfk.mp3', bytes: jfkMp3 });
  await endedJob(url, id);
  const page = await openWebPage(`${url}/#/files/${id}`);
  await page.locator('.word').first().waitFor();
  return { page, url, id };
}

/** The page of a real transcript. */
async function openTranscript() {
  const { url } = await startGateway();
  const { id } = await createJob(url, { name: 'jfk.mp3', bytes: jfkMp3 }, { language: 'en' });
  expect((await endedJob(url, id)).state).toBe('succeeded');
  const page = await openWebPage(`${url}/#/files/${id}`);
  await page.locator('.word').first().waitFor();
  return { page, url, id };
}

/** A folder of real speech, with what is said in it; another folder in it, and a file that is none. */
async function recordings() {
  const path = join(temporaryFolder(), 'recordings');
  mkdirSync(join(path, 'inside'), { recursive: true });
  writeFileSync(join(path, 'inside', 'notes.txt'), 'No recording.');
  writeFileSync(join(path, 'jfk.mp3'), jfkMp3);
  const files = [{ name: 'jfk.mp3', text: jfkText }];
  const others = readManifest().filter(
    ({ lang, text, seconds }) => lang === 'en' && text && seconds > 6 && seconds < 12,
  );
  for (const { file, text } of others.slice(0, 2)) {
    const name = file.split('/').at(-1) as string;
    writeFileSync(join(path, 'inside', name), readFileSync(join(sharedAudio as string, file)));
    files.push({ name, text: text as string });
  }
  return { path, files };
}

/** Drops files and folders as a person does: the browser reads them from the disk. */
async function drop(page: Page, paths: readonly string[]): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await devtools.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data });
  }
}

function choose(page: Page, files: Readonly<Record<string, Buffer>>): Promise<void> {
  return page
    .locator('#choose-files')
    .setInputFiles(
      Object.entries(files).map(([name, buffer]) => ({ name, mimeType: 'audio/mpeg', buffer })),
    );
}

function row(page: Page, name: string) {
  return page.locator('.file').filter({ has: page.locator('.file-name', { hasText: name }) });
}

function hasFocus(element: Locator): Promise<void> {
  return expect
    .poll(() => element.evaluate((each) => each.matches(':focus')).catch(() => false))
    .toBe(true);
}

/** Seconds. */
async function position(page: Page): Promise<number> {
  return Number(await page.getByRole('slider', { name: 'Position' }).getAttribute('aria-valuenow'));
}

async function middleOf(page: Page, selector: string): Promise<[number, number]> {
  const box = await page.locator(selector).boundingBox();
  if (!box) throw new Error(`${selector} is not shown`);
  return [box.x + box.width / 2, box.y + box.height / 2];
}

async function exported(page: Page, format: string): Promise<string> {
  await page.getByRole('button', { name: 'Export' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: new RegExp(`^${format}`) }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^jfk\.\w+$/);
  return await readFile(await download.path(), 'utf8');
}
