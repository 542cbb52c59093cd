import type { Page } from 'playwright-core';
import type { Look, TappedTrack } from '../page/page-messages.js';

/** How the bot gets in. */
export interface Joining {
  /** By which the others see it. */
  readonly name: string;
  /** Of a meeting that asks for one. */
  readonly password: string | undefined;
  /** Until when somebody has to let it in, by `Date.now()`. */
  readonly deadline: number;
  /** Whether the page's `look` says that the bot is in. */
  isJoined(): boolean;
  /** Whether somebody can be heard already. */
  hearsSomebody(): boolean;
  /** Tells the user what is waited for. */
  tell(text: string): void;
}

/** What is particular about one meeting service. */
export interface Adapter {
  readonly service: string;
  /** The page to open. */
  address(meeting: URL, name: string): URL;
  /**
   * Goes from the page that was opened into the meeting, muted and without a camera.
   * @throws BotError `not_let_in`, `password_needed`.
   */
  join(page: Page, joining: Joining): Promise<void>;
  /** JSON that `look` is given. */
  readonly settings: unknown;
  /**
   * Who is in the meeting, and whose tracks these are. Runs in the page, as text: it may use nothing
   * from outside of itself. It may throw while the page is not ready.
   */
  readonly look: (tracks: TappedTrack[], settings: never) => Look;
}
