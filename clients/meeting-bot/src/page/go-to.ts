import type { Page } from 'playwright-core';
import { BotError } from '../bot-error.js';
import { limits } from '../limits.js';
import { withoutSecrets } from '../without-secrets.js';

/** What Chromium calls a failure, and what it means; the first that matches counts. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/ERR_NAME_NOT_RESOLVED/, 'there is no server of this name'],
  [/ERR_CONNECTION_REFUSED/, 'nobody answers there'],
  [/ERR_INTERNET_DISCONNECTED|ERR_ADDRESS_UNREACHABLE/, 'there is no way to it in the network'],
  [/ERR_CERT_/, 'its certificate is not trusted (--ignore-certificates takes it all the same)'],
  [/ERR_SSL_/, 'it does not speak HTTPS'],
  [/ERR_HTTP_RESPONSE_CODE_FAILURE/, 'the server answered with an error'],
  [/Timeout \d+ms exceeded/, `it took longer than ${limits.pageTimeoutMs / 1_000} s`],
];

/**
 * Opens a page.
 * @throws BotError `page_not_loaded`.
 */
export async function goTo(page: Page, address: URL): Promise<void> {
  const where = withoutSecrets(address);
  try {
    const response = await page.goto(String(address), {
      timeout: limits.pageTimeoutMs,
      waitUntil: 'domcontentloaded',
    });
    const status = response?.status() ?? 200;
    if (status < 400) return;
    throw notLoaded(where, `the server answered ${status}.`);
  } catch (error) {
    if (error instanceof BotError) throw error;
    const words = error instanceof Error ? error.message : String(error);
    const known = reasons.find(([pattern]) => pattern.test(words))?.[1];
    const code = /ERR_\w+/.exec(words)?.[0];
    const reason = known ?? words.split('\n')[0] ?? '';
    throw notLoaded(where, code ? `${reason} (${code}).` : `${reason}.`, error);
  }
}

function notLoaded(where: string, reason: string, cause?: unknown): BotError {
  const message = `The page of the meeting, ${where}, did not load: ${reason}`;
  return new BotError('page_not_loaded', message, cause);
}
