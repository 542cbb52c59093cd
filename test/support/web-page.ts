import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { type BrowserOptions, openBrowser } from './browser.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A page that fails its test when the browser had to complain about it. */
export async function openWebPage(url: string, options: BrowserOptions = {}): Promise<Page> {
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
export async function problemsOfAccess(page: Page): Promise<string[]> {
  // As a tool of the browser's own, past the page's Content-Security-Policy.
  await page.evaluate(axe);
  const rules = JSON.stringify(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']);
  return await page.evaluate(`axe.run({ runOnly: ${rules} }).then(({ violations }) =>
    violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`);
}
