// Run alone, `node bench/overlay-delay.bench.mjs [FILE…]` prints its answer as JSON; it needs dist/, build/web,
// the addon and Chromium. FILE is speech to play instead of the clip, one after another.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { findFfmpeg } from '../dist/audio/index.js';
import { loadConfig, packageRoot } from '../dist/config/index.js';
import { createGateway } from '../dist/gateway/index.js';

export const question = 'How long after a word is it on the overlay?';

const clip = join(packageRoot, 'node_modules/nodejs-whisper/cpp/whisper.cpp/samples/jfk.mp3');
const chromiumPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);

const readers = join(packageRoot, '../shared/audio/librispeech-test-other');
/** Of three readers. */
const sentences = ['1688-142285-0001', '1998-15444-0000', '3005-163389-0003', '3005-163389-0009'];

/** The clip, and more of the recordings beside the repository, where they are. */
function speech() {
  const more = sentences.map((name) => join(readers, `${name}.flac`));
  return [clip, ...more.filter(existsSync)];
}

/** The Live page hears speech as its microphone, and an overlay of its room is open beside it. */
export async function measure(files = speech()) {
  if (!chromiumPath) return { unavailable: 'there is no Chromium here' };
  const folder = mkdtempSync(join(tmpdir(), 'whisper-gateway-bench-'));
  const config = { port: 0, logLevel: 'silent', dataDir: folder };
  const gateway = await createGateway(loadConfig(config, {}));
  const delays = { page: [], committed: [], spoken: [] };
  for (const file of files) {
    const { page, committed, spoken } = await measureOne(gateway.url, file, folder);
    delays.page.push(...page);
    delays.committed.push(...committed);
    delays.spoken.push(...spoken);
  }
  await gateway.close();
  rmSync(folder, { recursive: true, force: true });
  return {
    columns: ['from', 'to', 'words', 'median ms', '95 % ms', 'longest ms'],
    rows: [
      ['seen on the Live page', 'seen on the overlay', ...row(delays.page)],
      ['committed there', 'committed on the overlay', ...row(delays.committed)],
      ['end of the spoken word', 'seen on the overlay', ...row(delays.spoken)],
    ],
  };
}

async function measureOne(url, file, folder) {
  const microphone = join(folder, 'microphone.wav');
  const { path: ffmpeg } = await findFfmpeg(undefined);
  const filter = 'adelay=2000,apad=pad_dur=3';
  execFileSync(ffmpeg, [
    '-v',
    'error',
    '-y',
    '-i',
    file,
    '-af',
    filter,
    '-ar',
    '48000',
    '-ac',
    '1',
    microphone,
  ]);
  const browser = await chromium.launchPersistentContext(join(folder, `profile-${Date.now()}`), {
    executablePath: chromiumPath,
    headless: true,
    permissions: ['microphone'],
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-audio-capture=${microphone}%noloop`,
    ],
  });
  const live = await browser.newPage();
  await live.addInitScript(hearSocket);
  await live.goto(url);
  await live.getByLabel('Language').selectOption('en');
  const room = await live.getByLabel('Room').getAttribute('placeholder');
  // In a browser of its own, as OBS has: a tab that nobody looks at is held back.
  const screen = await chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const overlay = await screen.newPage();
  await overlay.goto(`${url}/overlay?room=${room}`);
  await live.evaluate(countWords, { text: '.caption p', committed: '[role=log] p, .committed' });
  await overlay.evaluate(countWords, { text: '.overlay-line', committed: '.overlay-committed' });
  await live.getByRole('button', { name: 'Start' }).click();
  const recordedMs = (statSync(microphone).size / 96_000) * 1_000;
  await live.waitForTimeout(recordedMs + 3_000);
  await live.getByRole('button', { name: 'Stop' }).click();
  await live.getByText('Ready').waitFor();
  await live.waitForTimeout(3_000);
  const [spoken, from, to] = await Promise.all([
    live.evaluate(() => globalThis.spokenWords()),
    live.evaluate(() => globalThis.wordTimes),
    overlay.evaluate(() => globalThis.wordTimes),
  ]);
  await Promise.all([browser.close(), screen.close()]);
  const between = (earlier, later) =>
    later.flatMap((at, index) => (earlier[index] === undefined ? [] : [at - earlier[index]]));
  return {
    page: between(from.text, to.text),
    committed: between(from.committed, to.committed),
    spoken: between(spoken, to.text),
  };
}

/** Runs in a page: notes when the first, second, third … word is on it in a frame that is drawn. */
function countWords(selectors) {
  const times = { text: [], committed: [] };
  const lines = { text: new Map(), committed: new Map() };
  globalThis.wordTimes = times;
  const look = () => {
    const now = performance.timeOrigin + performance.now();
    for (const [kind, selector] of Object.entries(selectors)) {
      const texts = lines[kind];
      const isOverlay = selector.startsWith('.overlay');
      // An overlay forgets its lines, a Live page keeps them.
      if (!isOverlay) texts.clear();
      for (const [index, element] of [...document.querySelectorAll(selector)].entries()) {
        const line = element.closest('[data-line]')?.dataset.line ?? index;
        texts.set(line, element.textContent);
      }
      const count = [...texts.values()].join(' ').split(/\s+/).filter(Boolean).length;
      while (times[kind].length < count) times[kind].push(now);
    }
    requestAnimationFrame(look);
  };
  look();
}

/** Runs in a page before anything else: hears what its socket hears, to know when words were spoken. */
function hearSocket() {
  const words = [];
  let startedAt;
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (data) {
    // The first samples were recorded just before they are sent.
    if (typeof data !== 'string' && startedAt === undefined) {
      startedAt = performance.timeOrigin + performance.now() - data.byteLength / 32;
      this.addEventListener('message', (event) => {
        const message = JSON.parse(event.data);
        if (message.type === 'final') words.push(...message.words);
      });
    }
    return send.call(this, data);
  };
  globalThis.spokenWords = () => words.map(({ end_ms }) => startedAt + end_ms);
}

function row(delays) {
  const sorted = delays.toSorted((a, b) => a - b);
  const at = (share) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);
  return [sorted.length, at(0.5), at(0.95), at(1)];
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const files = process.argv.slice(2);
  const answer = await measure(files.length > 0 ? files : undefined);
  console.log(JSON.stringify(answer, null, 2));
  process.exit(0);
}
