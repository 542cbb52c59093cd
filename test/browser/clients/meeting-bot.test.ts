import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createClient } from '../../../clients/js/src/index.js';
import { chooseAdapter, type Service } from '../../../clients/meeting-bot/src/adapters/index.js';
import { type BotOptions, MeetingBot } from '../../../clients/meeting-bot/src/meeting-bot.js';
import { packageRoot } from '../../../src/config/index.js';
import { ScriptedEngine, spokenThrough } from '../../../src/engine/index.js';
import { chromiumPath } from '../../support/browser.js';
import { startCuttingProxy } from '../../support/cutting-proxy.js';
import { jfkPath, jfkText } from '../../support/jfk.js';
import { startBesideBrowsers } from '../../support/killable-gateway.js';
import { localPeers, type Part, participate } from '../../support/meeting-participant.js';
import { startMeetingServer } from '../../support/meeting-server.js';
import { readManifest, sharedAudio } from '../../support/shared-audio.js';
import { startGateway } from '../../support/start-gateway.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { countErrors } from '../../support/word-error-rate.js';

interface WrittenLine {
  readonly speaker: string;
  readonly start_ms: number;
  readonly end_ms: number;
  readonly text: string;
  readonly overlaps: readonly string[];
}

interface Written {
  readonly participants: readonly {
    readonly name: string;
    readonly present: readonly { readonly start_ms: number; readonly end_ms: number }[];
  }[];
  readonly lines: readonly WrittenLine[];
}

/** Opus, four browsers and recognition share two cores here: far more than is lost on a quiet machine. */
const maxErrorRate = 0.35;
const testTimeout = 240_000;
const program = join(packageRoot, 'clients/meeting-bot/dist/meeting-bot/src/main.js');

/** Three readers of LibriSpeech, each with text of their own, who talk over each other in part. */
const readers = [
  { name: 'Anna', files: ['1688-142285-0001', '1688-142285-0006'], pauseMs: 6_000 },
  { name: 'Ben', files: ['1998-15444-0000', '1998-15444-0002'], pauseMs: 9_000 },
  { name: 'Chloé', files: ['3005-163389-0003', '3005-163389-0009'], pauseMs: 14_000 },
];

describe.skipIf(!chromiumPath)('the meeting bot', { timeout: testTimeout }, () => {
  test.skipIf(!sharedAudio)(
    'writes down who of three said what, and who at the same time',
    async () => {
      const gateway = await startBesideBrowsers();
      const meeting = await startMeetingServer();
      const { bot, heard } = await joinAsBot(meeting.url, gateway.url);
      const watched = watchSpeakers(gateway.url, 'board');
      const participants = await Promise.all(
        readers.map(({ name, files, pauseMs }) =>
          participate(meeting.url, name, partsOf(files, pauseMs)),
        ),
      );
      expect(meeting.names().sort()).toEqual(['Anna', 'Ben', 'Chloé', 'Scribe']);
      await heard((lines) =>
        readers.every(
          ({ name, files }) => wordsOf(lines, name) > 0.7 * textOf(files).split(' ').length,
        ),
      );
      await Promise.all(participants.map((each) => each.leave()));
      await bot.leave();

      const { lines, participants: present } = read(bot);
      for (const { name, files } of readers) {
        const text = saidBy(lines, name);
        const { edits, words } = countErrors(textOf(files), text);
        expect(edits / words, `${name}: ${text}`).toBeLessThan(maxErrorRate);
      }
      expect(present.map(({ name }) => name).sort()).toEqual(['Anna', 'Ben', 'Chloé']);
      expect([...watched].sort()).toEqual(['Anna', 'Ben', 'Chloé']);
      // One clock: in order of beginnings, and those who spoke together are seen to.
      const starts = lines.map(({ start_ms }) => start_ms);
      expect(starts).toEqual([...starts].sort((a, b) => a - b));
      const first = (name: string) => lines.find(({ speaker }) => speaker === name)?.start_ms ?? 0;
      expect(first('Anna')).toBeLessThan(first('Ben'));
      expect(first('Ben')).toBeLessThan(first('Chloé'));
      expect(lines.some(({ speaker, overlaps }) => speaker === 'Ben' && overlaps.length > 0)).toBe(
        true,
      );

      const [json, vtt, txt] = bot.paths as [string, string, string];
      expect(json).toMatch(/\.json$/);
      expect(readFileSync(vtt, 'utf8')).toMatch(
        /^WEBVTT\n\n\d\d:\d\d:\d\d\.\d{3} --> .+\n<v Anna>/,
      );
      expect(readFileSync(txt, 'utf8')).toMatch(/\[00:00:\d\d – 00:00:\d\d\] Ben.*: /);
    },
  );

  test('somebody who leaves and comes back goes on under the same name', async () => {
    const gateway = await startBesideBrowsers();
    const meeting = await startMeetingServer();
    const { bot, heard } = await joinAsBot(meeting.url, gateway.url);
    const first = await participate(meeting.url, 'Dora', [{ file: jfkPath, pauseMs: 3_000 }]);
    await heard((lines) => wordsOf(lines, 'Dora') > 14);
    await first.leave();
    await expect.poll(() => bot.present).toEqual([]);
    const again = await participate(meeting.url, 'Dora', [{ file: jfkPath, pauseMs: 3_000 }]);
    await heard((lines) => wordsOf(lines, 'Dora') > 36);
    await again.leave();
    await bot.leave();

    const { lines, participants } = read(bot);
    expect(participants).toHaveLength(1);
    expect(participants[0]?.present).toHaveLength(2);
    const back = participants[0]?.present[1]?.start_ms ?? 0;
    for (const part of [
      lines.filter(({ start_ms }) => start_ms < back),
      lines.filter(({ start_ms }) => start_ms >= back),
    ]) {
      const text = saidBy(part, 'Dora');
      expect(countErrors(jfkText, text).edits, text).toBeLessThan(8);
    }
  });

  test('a gateway that is killed and started again has the words after it', async () => {
    const before = await startBesideBrowsers();
    const proxy = await startCuttingProxy(before.url);
    const meeting = await startMeetingServer();
    const { bot, heard, told } = await joinAsBot(meeting.url, proxy.url);
    const parts: Part[] = [
      { file: jfkPath, pauseMs: 4_000 },
      { file: jfkPath, pauseMs: 8_000 },
    ];
    const speaker = await participate(meeting.url, 'Emil', parts);
    await heard((lines) => wordsOf(lines, 'Emil') > 2);
    await before.kill();
    proxy.target = (await startBesideBrowsers()).url;
    await heard((lines) => wordsOf(lines, 'Emil') > 36);
    await speaker.leave();
    await bot.leave();

    const { lines } = read(bot);
    const text = saidBy(lines, 'Emil');
    // What was said while there was no gateway as well: the bot had kept it.
    expect(countErrors(`${jfkText} ${jfkText}`, text).edits, text).toBeLessThan(14);
    expect(told.join('\n')).toMatch(/The gateway does not answer/);
    expect(told.join('\n')).toMatch(/there again/);
  });

  test.each([
    ['goes straight in', ''],
    ['passes its first page and its lobby', '?prejoin&lobby'],
  ])('a page as that of Jitsi Meet: %s', async (_, query) => {
    const gateway = await startGateway({}, { engine: sayingHello() });
    const meeting = await startMeetingServer();
    const { bot, heard } = await joinAsBot(`${meeting.url}/jitsi${query}`, gateway.url, {
      service: 'jitsi',
    });
    expect(meeting.names()).toEqual(['Scribe']);
    const parts = [{ file: jfkPath, pauseMs: 500 }];
    const speaker = await participate(meeting.url, 'Fritz', parts);
    await heard((lines) => wordsOf(lines, 'Fritz') > 0);
    await speaker.leave();
    await expect.poll(() => bot.present).toEqual([]);
    await bot.leave();
    expect(read(bot).participants.map(({ name }) => name)).toEqual(['Fritz']);
  });

  test('the program: Ctrl-C makes it leave, with a transcript', async () => {
    const gateway = await startGateway({}, { engine: sayingHello() });
    const meeting = await startMeetingServer();
    const output = join(temporaryFolder(), 'minutes');
    const flags = [...localPeers, '--no-sandbox'].flatMap((flag) => ['--chromium-arg', flag]);
    const given = ['--gateway', gateway.url, '--name', 'Scribe', '--output', output, ...flags];
    const bot = spawn(process.execPath, [program, meeting.url, ...given]);
    const ended = once(bot, 'exit');
    onTestFinished(() => void bot.kill('SIGKILL'));
    const printed = text(bot.stdout);
    await expect.poll(meeting.names, { timeout: 60_000 }).toEqual(['Scribe']);
    const speaker = await participate(meeting.url, 'Fritz', [{ file: jfkPath, pauseMs: 500 }]);
    const written = () =>
      existsSync(`${output}.txt`) ? readFileSync(`${output}.txt`, 'utf8') : '';
    await expect.poll(written, { timeout: 60_000 }).toContain('Fritz: hello');
    bot.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    expect((await printed).trim().split('\n')).toEqual(
      ['json', 'vtt', 'txt'].map((format) => `${output}.${format}`),
    );
    await expect.poll(meeting.names).toEqual(['Fritz']);
    await speaker.leave();
  });

  test('says in plain words why it is not in', async () => {
    const gateway = await startGateway({ apiKey: 'secret' }, { engine: sayingHello() });
    const meeting = await startMeetingServer();
    const token = 'secret';
    await expect(joinAsBot(meeting.url, gateway.url)).rejects.toMatchObject({
      code: 'gateway_unusable',
      message: expect.stringContaining('does not accept this key'),
    });
    await expect(joinAsBot('http://127.0.0.1:9/', gateway.url, { token })).rejects.toMatchObject({
      code: 'page_not_loaded',
      message: expect.stringMatching(/did not load: .+ERR_/),
    });
    await expect(joinAsBot(`${meeting.url}/nothing`, gateway.url, { token })).rejects.toMatchObject(
      { message: expect.stringContaining('the server answered 404') },
    );
    meeting.admits = false;
    await expect(
      joinAsBot(meeting.url, gateway.url, { token, joinTimeoutMs: 2_000 }),
    ).rejects.toMatchObject({
      code: 'not_let_in',
      message: expect.stringContaining('Nobody let the bot in'),
    });
    const closed = `${meeting.url}/jitsi?lobby=closed`;
    await expect(
      joinAsBot(closed, gateway.url, { token, service: 'jitsi', joinTimeoutMs: 6_000 }),
    ).rejects.toMatchObject({ message: expect.stringContaining('waited in the lobby') });
  });
});

interface JoinOptions {
  readonly service?: Service;
  readonly token?: string;
  readonly joinTimeoutMs?: number;
}

async function joinAsBot(meeting: string, gateway: string, more: JoinOptions = {}) {
  const { service = 'generic', token, joinTimeoutMs = 60_000 } = more;
  const told: string[] = [];
  const url = new URL(meeting);
  const guessing = {
    nameField: null,
    joinButton: null,
    muteButton: null,
    joined: null,
    tile: null,
    tileName: null,
  };
  const options: BotOptions = {
    meeting: url,
    adapter: chooseAdapter(service, url, guessing),
    browser: {
      chromium: chromiumPath as string,
      chromiumArgs: [...localPeers, '--no-sandbox'],
      headless: true,
      ignoreCertificates: false,
    },
    gateway: { url: gateway, token },
    name: 'Scribe',
    password: undefined,
    fields: { room: 'board', language: 'en' },
    joinTimeoutMs,
    aloneMs: 600_000,
    output: join(temporaryFolder(), 'minutes', 'board'),
    formats: ['json', 'vtt', 'txt'],
    tell: (text) => told.push(text),
  };
  const bot = await MeetingBot.join(options);
  onTestFinished(() => bot.close());
  /** Waits until what is on disk is so, as whoever reads along would. */
  const heard = (isSo: (lines: readonly WrittenLine[]) => boolean) =>
    expect
      .poll(() => isSo(read(bot).lines), {
        timeout: Number(process.env.POLL ?? 90_000),
        interval: 500,
      })
      .toBe(true)
      .catch((error: Error) => {
        const written = readFileSync(bot.paths[2] as string, 'utf8');
        throw new Error(`${error.message}\n${told.join('\n')}\n${written}`);
      });
  return { bot, heard, told };
}

/** Speakers whose captions somebody sees who watches the room. */
function watchSpeakers(url: string, room: string): Set<string> {
  const speakers = new Set<string>();
  const viewer = createClient({ url }).watch(room);
  viewer.on('event', (event) => {
    if (event.type === 'final' && event.speaker) speakers.add(event.speaker);
  });
  onTestFinished(() => viewer.close());
  return speakers;
}

function sayingHello(): ScriptedEngine {
  return new ScriptedEngine({ script: (window) => spokenThrough(window, 'hello') });
}

function partsOf(files: readonly string[], pauseMs: number): Part[] {
  return files.map((file, index) => ({
    file: join(sharedAudio as string, 'librispeech-test-other', `${file}.flac`),
    pauseMs: index === 0 ? pauseMs : 1_500,
  }));
}

function textOf(files: readonly string[]): string {
  const manifest = readManifest();
  return files
    .map((file) => manifest.find((entry) => entry.file.includes(file))?.text ?? '')
    .join(' ');
}

function read(bot: MeetingBot): Written {
  return JSON.parse(readFileSync(bot.paths[0] as string, 'utf8')) as Written;
}

function saidBy(lines: readonly WrittenLine[], name: string): string {
  return lines
    .filter(({ speaker }) => speaker === name)
    .map(({ text }) => text)
    .join(' ');
}

function wordsOf(lines: readonly WrittenLine[], name: string): number {
  return saidBy(lines, name).split(/\s+/).filter(Boolean).length;
}
