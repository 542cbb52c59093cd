import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { BotError } from './bot-error.js';

/** As Debian, others, and Google name it. */
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * The browser to use.
 * @param asked Instead of looking for one.
 * @param path Where programs lie, as in the variable PATH.
 * @throws BotError `no_chromium`.
 */
export function findChromium(asked: string | undefined, path: string): string {
  if (asked !== undefined) {
    if (isProgram(asked)) return asked;
    throw new BotError('no_chromium', `CHROMIUM_PATH is ${asked}, which is no program.`);
  }
  const folders = [...path.split(delimiter).filter(Boolean), '/usr/bin', '/snap/bin'];
  for (const name of names) {
    for (const folder of folders) {
      const file = join(folder, name);
      if (isProgram(file)) return file;
    }
  }
  throw new BotError(
    'no_chromium',
    'No Chromium is installed. On Debian and Ubuntu "sudo apt-get install chromium" installs it; ' +
      'CHROMIUM_PATH names one that lies elsewhere.',
  );
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
