import { nextInterfaceLanguage, nextTheme } from '../settings.js';
import { openHelp } from './help-dialog.js';
import type { Shortcuts } from './shortcuts.js';

/** Those of every page. */
export const commonShortcuts: Shortcuts = {
  t: nextTheme,
  l: nextInterfaceLanguage,
  '?': openHelp,
};
