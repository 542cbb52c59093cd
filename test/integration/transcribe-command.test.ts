import { execFileSync, spawn } from 'node:child_process';
import {
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
} from 'node:fs';
import { join } from 'node:path';
import installer from '@ffmpeg-installer/ffmpeg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { packageRoot } from '../../src/config/index.js';
import { jfkPath, jfkText } from '../support/jfk.js';
import { childrenRunning, isRunning } from '../support/processes.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { countErrors } from '../support/word-error-rate.js';

interface Command {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Its exit code, once it is gone. */
  readonly ended: Promise<number | null>;
}

/** Runs the command in a folder of its own, which is its temporary folder as well. */
function start(args: readonly string[], { folder = temporaryFolder(), stdin = '' } = {}): Command {
  const child = spawn(
    process.execPath,
    [join(packageRoot, 'dist/main.js'), 'transcribe', ...args],
    {
      cwd: folder,
      env: { PATH: process.env.PATH, TMPDIR: folder, ASR_SLOTS: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdin.on('error', () => {});
  if (stdin) createReadStream(stdin).pipe(child.stdin);
  else child.stdin.end();
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  return {
    pid: child.pid as number,
    stdout: () => stdout,
    stderr: () => stderr,
    kill: (signal) => void child.kill(signal),
    ended: new Promise((resolve) => child.once('close', resolve)),
  };
}

function expectClip(text: string): void {
  expect(countErrors(jfkText, text).edits, text).toBeLessThanOrEqual(2);
}

describe('whisper-gateway transcribe', () => {
  test('prints the text of a file', async () => {
    const command = start([jfkPath]);
    expect(await command.ended, command.stderr()).toBe(0);
    expectClip(command.stdout());
    expect(command.stderr()).toBe('');
  });

  test('reads standard input, also what cannot be read from a pipe, and leaves nothing behind', async () => {
    const folder = temporaryFolder();
    const film = join(temporaryFolder(), 'index-last.mp4');
    execFileSync(installer.path, ['-v', 'error', '-i', jfkPath, '-c:a', 'aac', film]);
    const command = start(['-', '--format', 'tsv', '--language', 'en'], { folder, stdin: film });
    expect(await command.ended, command.stderr()).toBe(0);
    const [header, ...rows] = command.stdout().trimEnd().split('\n');
    expect(header).toBe('start\tend\ttext');
    expectClip(rows.map((row) => row.split('\t')[2]).join(' '));
    expect(readdirSync(folder)).toEqual([]);
  });

  test('writes every format of every file, and goes on behind one that fails', async () => {
    const folder = temporaryFolder();
    for (const name of ['-first.mp3', 'same name.mp3', 'same name.copy']) {
      copyFileSync(jfkPath, join(folder, name));
    }
    mkdirSync(join(folder, 'empty'));
    const files = [
      '-first.mp3',
      'missing\u001b[2J.wav',
      'empty',
      'same name.mp3',
      'same name.copy',
    ];
    const formats = ['--format', 'txt,srt,vtt,json,tsv', '--words', '--output-dir', 'out/deep'];
    const command = start([...formats, '--', ...files], { folder });
    expect(await command.ended).toBe(1);
    expect(command.stdout()).toBe('');
    expect(command.stderr().split('\n')).toEqual([
      'missing?[2J.wav: This file cannot be read. (file_unreadable)',
      'empty: This file cannot be read. (file_unreadable)',
      '2 of 5 recordings could not be transcribed.',
      '',
    ]);
    const out = join(folder, 'out/deep');
    const stems = ['-first', 'same name', 'same name.copy'];
    const expected = stems.flatMap((stem) =>
      ['txt', 'srt', 'vtt', 'json', 'tsv'].map((format) => `${stem}.${format}`),
    );
    expect(readdirSync(out).sort()).toEqual(expected.sort());
    expectClip(readFileSync(join(out, 'same name.txt'), 'utf8'));
    const { words } = JSON.parse(readFileSync(join(out, '-first.json'), 'utf8'));
    expectClip(words.map(({ word }: { word: string }) => word).join(' '));
    expect(readFileSync(join(out, 'same name.copy.vtt'), 'utf8')).toMatch(
      /^WEBVTT\n\n00:00:00\.\d/,
    );
  });

  test.each([
    [['--format', 'docx'], 'There is no format "docx"'],
    [['--format', 'txt,srt'], 'name a folder with --output-dir'],
    [['--format', 'srt', 'second.wav'], 'name a folder with --output-dir'],
    [['--task', 'sing'], 'Allowed choices are transcribe, translate'],
    [['--channels', 'all'], 'Allowed choices are mixed, split'],
  ])('%o is refused before anything is begun', async (args, message) => {
    const command = start([...args, jfkPath]);
    expect(await command.ended).toBe(2);
    expect(command.stderr()).toContain(message);
  });

  test('a language and a model that there are not are said', async () => {
    const language = start(['--language', 'xx', jfkPath]);
    expect(await language.ended).toBe(1);
    expect(language.stderr()).toContain('(unknown_language)');
    const model = start(['--model', 'huge', jfkPath]);
    expect(await model.ended).toBe(1);
    expect(model.stderr()).toContain('model_not_found');
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s ends everything at once', async (signal) => {
    const folder = temporaryFolder();
    const hour = join(temporaryFolder(), 'hour.wav');
    const loop = ['-stream_loop', '300', '-i', jfkPath, '-ar', '16000', '-ac', '1'];
    execFileSync(installer.path, ['-v', 'error', ...loop, hour]);
    const command = start(['-', '--language', 'en'], { folder, stdin: hour });
    const children = () => childrenRunning('', command.pid);
    // The decoder runs once the engine is there and the whole input was kept.
    await expect
      .poll(() => childrenRunning('-f s16le', command.pid).length, { timeout: 60_000 })
      .toBe(1);
    const before = children();
    expect(before.length).toBe(3);
    command.kill(signal);
    expect(await command.ended).toBe(130);
    await expect.poll(() => before.filter(isRunning)).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
    expect(existsSync(hour)).toBe(true);
  });
});
