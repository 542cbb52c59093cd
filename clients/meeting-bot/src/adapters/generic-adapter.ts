import type { Locator, Page } from 'playwright-core';
import { BotError } from '../bot-error.js';
import type { Adapter } from './adapter.js';
import { type GenericSettings, lookAtAnyPage } from './generic-look.js';
import { waitUntil } from './wait-until.js';

export interface GenericOptions extends GenericSettings {
  /** CSS selectors of what is filled in and pressed on the way in; null guesses. */
  readonly nameField: string | null;
  readonly muteButton: string | null;
  readonly joinButton: string | null;
}

/** How long a page may take to show its way in; one that shows none needs none. */
const doorTimeoutMs = 8_000;
const joinWords =
  /^\s*(ask to join|request to join|join( now| meeting| call)?|enter|continue)\s*$/i;

/** Any page that plays WebRTC tracks. Where its way in cannot be guessed, selectors say it. */
export function genericAdapter(options: GenericOptions): Adapter {
  const { nameField, muteButton, joinButton, ...settings } = options;
  return {
    service: 'generic',
    address: (meeting) => meeting,

    async join(page, { name, deadline, isJoined, hearsSomebody, tell }) {
      const door = joinButton
        ? page.locator(joinButton).first()
        : page.getByRole('button', { name: joinWords }).first();
      const doorDeadline = Math.min(deadline, Date.now() + doorTimeoutMs);
      const hasDoor = await waitUntil(doorDeadline, () => door.isVisible());
      if (!hasDoor && joinButton) {
        throw new BotError('not_let_in', `The page shows no ${joinButton} to press.`);
      }
      if (hasDoor) {
        await fill(nameFieldOf(page, nameField), name);
        if (muteButton) await page.locator(muteButton).first().click({ timeout: doorTimeoutMs });
        await press(door, deadline);
        tell('Waiting to be let in.');
      }
      // A page of which nothing else is known shows its way in until one is in.
      const isIn = await waitUntil(deadline, async () => {
        if (settings.joined) return isJoined();
        return hearsSomebody() || !(await door.isVisible());
      });
      if (!isIn) {
        throw new BotError('not_let_in', 'Nobody let the bot in before the time for it was over.');
      }
    },

    settings,
    look: lookAtAnyPage,
  };
}

function nameFieldOf(page: Page, selector: string | null): Locator {
  if (selector) return page.locator(selector).first();
  const byLabel = page.getByRole('textbox', { name: /name/i });
  return byLabel.or(page.getByPlaceholder(/name/i)).first();
}

async function fill(field: Locator, name: string): Promise<void> {
  if (await field.isVisible()) await field.fill(name);
}

async function press(button: Locator, deadline: number): Promise<void> {
  try {
    await button.click({ timeout: Math.max(1, deadline - Date.now()) });
  } catch (error) {
    throw new BotError('not_let_in', 'The button into the meeting could not be pressed.', error);
  }
}
