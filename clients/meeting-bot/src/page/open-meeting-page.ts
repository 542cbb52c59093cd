import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import type { Adapter } from '../adapters/index.js';
import { BotError } from '../bot-error.js';
import { limits } from '../limits.js';
import type { PageMessage } from './page-messages.js';
import { pcmBlocks } from './pcm-blocks.js';
import { type TapOptions, tapTracks } from './tap-tracks.js';

export interface BrowserOptions {
  /** Of the program. */
  readonly chromium: string;
  /** Flags besides our own. */
  readonly chromiumArgs: readonly string[];
  readonly headless: boolean;
  /** Takes certificates that nobody vouches for. */
  readonly ignoreCertificates: boolean;
}

/** A browser with one page, in which remote audio tracks are heard. */
export interface MeetingPage {
  readonly page: Page;
  /** Ends the browser and removes its profile. Idempotent. */
  close(): Promise<void>;
}

const binding = '__meetingBot';

/**
 * Opens a browser for a meeting; the page is blank yet.
 * @throws BotError `no_chromium`: it does not start.
 */
export async function openMeetingPage(
  options: BrowserOptions,
  adapter: Adapter,
  onMessage: (message: PageMessage) => void,
): Promise<MeetingPage> {
  const profile = await mkdtemp(join(tmpdir(), 'whisper-gateway-bot-'));
  let context: BrowserContext | undefined;
  const close = async () => {
    await context?.close().catch(() => {});
    await rm(profile, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    context = await launch(options, profile);
    // One message holds the blocks of all tracks, about ten times a second.
    await context.exposeBinding(binding, (_, message: PageMessage) => onMessage(message));
    await context.addInitScript({ content: tapScript(adapter) });
    return { page: context.pages()[0] ?? (await context.newPage()), close };
  } catch (error) {
    await close();
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    const message = `Chromium (${options.chromium}) does not start: ${reason}`;
    throw new BotError('no_chromium', message, error);
  }
}

async function launch(options: BrowserOptions, profile: string): Promise<BrowserContext> {
  const microphone = join(profile, 'silence.wav');
  await writeFile(microphone, silentWav(16_000));
  return chromium.launchPersistentContext(join(profile, 'browser'), {
    executablePath: options.chromium,
    headless: options.headless,
    // Pages that insist on a microphone get one that is silent; a camera is refused.
    permissions: ['microphone'],
    // A page may forbid what is needed to hear its tracks.
    bypassCSP: true,
    ignoreHTTPSErrors: options.ignoreCertificates,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    args: [
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
      '--mute-audio',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${microphone}`,
      // Root in a container has no other way.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ...options.chromiumArgs,
    ],
  });
}

function tapScript(adapter: Adapter): string {
  const options: TapOptions = {
    binding,
    worklet: `(${pcmBlocks.toString()})()`,
    lookIntervalMs: limits.lookIntervalMs,
    maxPendingMessages: limits.maxPendingMessages,
  };
  const look = `(tracks) => (${adapter.look.toString()})(tracks, ${JSON.stringify(adapter.settings)})`;
  return `(${tapTracks.toString()})(${JSON.stringify(options)}, ${look})`;
}

/** A WAV file of a second of silence, mono, 16 bits. */
function silentWav(rate: number): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + rate * 2, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(rate * 2, 40);
  return Buffer.concat([header, Buffer.alloc(rate * 2)]);
}
