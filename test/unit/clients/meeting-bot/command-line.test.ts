import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chooseAdapter } from '../../../../clients/meeting-bot/src/adapters/index.js';
import { createCommand, toBotOptions } from '../../../../clients/meeting-bot/src/command-line.js';
import type { Environment } from '../../../../clients/meeting-bot/src/environment.js';
import { findChromium } from '../../../../clients/meeting-bot/src/find-chromium.js';
import type { BotOptions } from '../../../../clients/meeting-bot/src/meeting-bot.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const nothing = {
  nameField: null,
  joinButton: null,
  muteButton: null,
  joined: null,
  tile: null,
  tileName: null,
};

describe('the command line', () => {
  test('says everything that the bot has to know', async () => {
    const options = await parse(
      'https://meet.jit.si/Board',
      ...['--room', 'board', '-l', 'de', '--format', 'txt,json', '--join-timeout', '30'],
      ...['-o', 'minutes/board', '--chromium-arg=--a', '--chromium-arg=--b'],
    );
    expect(options).toMatchObject({
      adapter: { service: 'jitsi' },
      gateway: { url: 'http://gateway.example/', token: 'KEY' },
      fields: { room: 'board', language: 'de' },
      formats: ['json', 'txt'],
      joinTimeoutMs: 30_000,
      output: 'minutes/board',
      browser: { headless: true, chromiumArgs: ['--a', '--b'] },
    });
    expect(options.fields).not.toHaveProperty('model');
    expect((await parse('https://meet.example/x')).formats).toEqual(['json', 'vtt', 'txt']);
  });

  test.each([
    [['ftp://x'], 'bad_address'],
    [['meet.jit.si/Board'], 'bad_address'],
    [['https://x', '--gateway', 'localhost'], 'bad_address'],
    [['https://x', '--tile', '.tile'], 'bad_option'],
    [['https://x', '--format', 'pdf'], 'commander.invalidArgument'],
    [['https://x', '--join-timeout', '0'], 'commander.invalidArgument'],
    [[], 'commander.missingArgument'],
  ])('%j is refused: %s', async (args, code) => {
    await expect(parse(...args)).rejects.toMatchObject({ code });
  });
});

test('the service is known by its host, or is said', () => {
  const service = (kind: 'auto' | 'jitsi' | 'generic', url: string) =>
    chooseAdapter(kind, new URL(url), nothing).service;
  expect(service('auto', 'https://meet.jit.si/Board')).toBe('jitsi');
  expect(service('auto', 'https://jitsi.example.org/Board')).toBe('jitsi');
  expect(service('auto', 'https://example.org/jitsi')).toBe('generic');
  expect(service('jitsi', 'https://example.org/Board')).toBe('jitsi');
  expect(service('generic', 'https://meet.jit.si/Board')).toBe('generic');
});

test('a Jitsi address says the name and how to come in, and keeps what it said before', () => {
  const meeting = new URL('https://meet.jit.si/Board?jwt=x#config.startSilent=true');
  const url = chooseAdapter('jitsi', meeting, nothing).address(meeting, 'A bot, "quoted" & more');
  expect(url.search).toBe('?jwt=x');
  // As jitsi-meet reads it: split at "&" and "=", decoded, then parsed as JSON.
  const read = Object.fromEntries(
    url.hash
      .slice(1)
      .split('&')
      .map((pair) => pair.split('=') as [string, string])
      .map(([key, value]) => [key, JSON.parse(decodeURIComponent(value))]),
  );
  expect(read).toMatchObject({
    'config.startSilent': true,
    'config.prejoinConfig.enabled': false,
    'config.startWithAudioMuted': true,
    'userInfo.displayName': 'A bot, "quoted" & more',
  });
});

test('Chromium is found by its names, or where CHROMIUM_PATH says', () => {
  const folder = temporaryFolder();
  const file = join(folder, 'chromium');
  writeFileSync(file, '#!/bin/sh\n');
  expect(() => findChromium(file, '')).toThrow(/which is no program/);
  chmodSync(file, 0o755);
  expect(findChromium(file, '')).toBe(file);
  expect(findChromium(undefined, folder)).toBe(file);
});

async function parse(...args: string[]): Promise<BotOptions> {
  const environment: Environment = {
    gatewayUrl: 'http://gateway.example',
    apiKey: 'KEY',
    chromiumPath: process.execPath,
    path: '',
  };
  let options: BotOptions | undefined;
  const command = createCommand(environment, async (meeting, flags) => {
    options = toBotOptions(meeting, flags, environment, () => {});
  });
  // Its complaints are not for the terminal of the tests.
  command.configureOutput({ writeErr: () => {}, writeOut: () => {} });
  await command.parseAsync(args, { from: 'user' });
  return options as BotOptions;
}
