import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { findFfmpeg } from '../../src/audio/index.js';
import { openBrowser } from './browser.js';
import { temporaryFolder } from './temporary-folder.js';

/** Connections between browsers of one machine, whatever network it has. */
export const localPeers = [
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--allow-loopback-in-peer-connection',
] as const;

/** One recording, and the silence before it. */
export interface Part {
  readonly file: string;
  readonly pauseMs: number;
}

/** Somebody in a browser of their own, who plays recordings as their microphone. */
export interface Participant {
  leave(): Promise<void>;
}

/**
 * Comes into the meeting at `url` and speaks, from the first pause on: the fake microphone plays from the
 * moment at which it is opened.
 */
export async function participate(
  url: string,
  name: string,
  parts: readonly Part[],
): Promise<Participant> {
  const browser = await openBrowser({ microphone: await asMicrophone(parts), args: localPeers });
  const page = browser.pages()[0] ?? (await browser.newPage());
  await page.goto(url);
  await page.fill('#name', name);
  await page.click('#join');
  await page.locator('#room').waitFor({ state: 'attached' });
  await page.locator('#door').waitFor({ state: 'detached' });
  return { leave: () => browser.close() };
}

async function asMicrophone(parts: readonly Part[]): Promise<string> {
  const { path } = await findFfmpeg(undefined);
  const file = join(temporaryFolder(), 'microphone.wav');
  const delayed = parts.map(
    ({ pauseMs }, index) => `[${index}:a]aresample=48000,adelay=${pauseMs}:all=1[a${index}]`,
  );
  const joined = `${parts.map((_, index) => `[a${index}]`).join('')}concat=n=${parts.length}:v=0:a=1[out]`;
  execFileSync(path, [
    ...['-v', 'error', ...parts.flatMap((part) => ['-i', part.file])],
    ...['-filter_complex', [...delayed, joined].join(';'), '-map', '[out]', '-ac', '1', file],
  ]);
  return file;
}
