/** Why a meeting cannot be written down. */
export type BotErrorCode =
  | 'no_chromium'
  | 'bad_address'
  | 'bad_option'
  | 'gateway_unusable'
  | 'page_not_loaded'
  | 'not_let_in'
  | 'password_needed'
  | 'meeting_lost'
  | 'not_written';

/** An expected failure; the message is for whoever started the bot. */
export class BotError extends Error {
  readonly code: BotErrorCode;

  constructor(code: BotErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'BotError';
    this.code = code;
  }
}
