import type { Page } from 'playwright-core';
import { BotError } from '../bot-error.js';
import type { Adapter, Joining } from './adapter.js';
import { lookAtJitsi } from './jitsi-look.js';
import { waitUntil } from './wait-until.js';

/** What a Jitsi meeting allows its address to set; see its config.js and configWhitelist.ts. */
const config = {
  'prejoinConfig.enabled': false,
  startWithAudioMuted: true,
  startWithVideoMuted: true,
  startAudioOnly: true,
  disableDeepLinking: true,
  requireDisplayName: false,
  'p2p.enabled': false,
};

const selectors = {
  name: '#premeeting-name-input',
  join: '[data-testid="prejoin.joinMeeting"]',
  lobbyName: '[data-testid="lobby.nameField"]',
  knock: '[data-testid="lobby.knockButton"]',
  passwordDialog: 'input[name="lockKey"]',
};

/** Jitsi Meet, by the structure of its page in the public sources of jitsi/jitsi-meet. */
export const jitsiAdapter: Adapter = {
  service: 'jitsi',

  address(meeting, name) {
    const url = new URL(meeting);
    const own = new URLSearchParams(url.hash.slice(1));
    // Values are JSON there.
    for (const [key, value] of Object.entries(config)) own.set(`config.${key}`, String(value));
    own.set('userInfo.displayName', JSON.stringify(name));
    // Not every reader there takes "+" for a space.
    url.hash = own.toString().replaceAll('+', '%20');
    return url;
  },

  async join(page, joining) {
    let told = false;
    const isIn = await waitUntil(joining.deadline, async () => {
      if (joining.isJoined()) return true;
      // Where a server does not let the address leave its first page out, or has a lobby.
      if (await knock(page, joining)) return false;
      if (await isVisible(page, selectors.passwordDialog)) await enterPassword(page, joining);
      else if (!told && (await isKnocking(page))) {
        told = true;
        joining.tell('Waiting in the lobby to be let in.');
      }
      return false;
    });
    if (isIn) return;
    throw new BotError(
      'not_let_in',
      (await isKnocking(page))
        ? 'Nobody let the bot in: it waited in the lobby of the meeting.'
        : 'The bot did not get into the meeting: the page never said that it had joined.',
    );
  },

  settings: null,
  look: lookAtJitsi,
};

/** Presses the button of the page before the meeting, or of the lobby. @returns Whether one was there. */
async function knock(page: Page, { name }: Joining): Promise<boolean> {
  for (const [field, button] of [
    [selectors.name, selectors.join],
    [selectors.lobbyName, selectors.knock],
  ] as const) {
    if (!(await isVisible(page, button))) continue;
    if (await isVisible(page, field)) await page.fill(field, name);
    // It may be gone already, because the meeting went on by itself.
    await page.click(button, { timeout: 2_000 }).catch(() => {});
    return true;
  }
  return false;
}

async function enterPassword(page: Page, { password }: Joining): Promise<void> {
  if (password === undefined) {
    throw new BotError('password_needed', 'The meeting asks for a password: give it one.');
  }
  await page.fill(selectors.passwordDialog, password);
  await page.press(selectors.passwordDialog, 'Enter');
  const isGone = await waitUntil(
    Date.now() + 5_000,
    async () => !(await isVisible(page, selectors.passwordDialog)),
  );
  if (!isGone) throw new BotError('password_needed', 'The meeting does not take this password.');
}

function isVisible(page: Page, selector: string): Promise<boolean> {
  return page.locator(selector).first().isVisible();
}

async function isKnocking(page: Page): Promise<boolean> {
  const asked = await page
    .evaluate(`APP.store.getState()['features/lobby'].knocking`)
    .catch(() => false);
  return asked === true;
}
