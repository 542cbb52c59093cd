import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/build-native.mjs', import.meta.url));
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function build(args: string[], path = process.env.PATH) {
  const env = { ...process.env, PATH: path, CUDACXX: '' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

/** A search path with nothing but these programs, which need not do anything. */
function pathWith(...programs: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'path-'));
  folders.push(folder);
  for (const program of programs) symlinkSync(process.execPath, join(folder, program));
  return folder;
}

test('what is up to date is not built again, even where no compiler is left', () => {
  expect(build([], pathWith())).toEqual({
    status: 0,
    stdout: 'build/cpu/whisper_gateway.node is up to date.\n',
    stderr: '',
  });
});

test.each([
  ['a compiler', ['cmake', 'make'], /a C\+\+ compiler \(c\+\+ or g\+\+ or clang\+\+\) is missing/],
  ['CMake', ['g++', 'ninja'], /CMake \(cmake\) is missing/],
  ['make', ['clang++', 'cmake'], /make or Ninja \(ninja or make\) is missing/],
])('without %s it says what to install', (_, programs, sentence) => {
  const { status, stderr } = build(['--force'], pathWith(...programs, 'apt-get'));
  expect(status).toBe(1);
  expect(stderr).toMatch(sentence);
  expect(stderr).toContain('sudo apt-get install build-essential cmake');
  expect(stderr).not.toMatch(/^ +at /m);
  // Nothing was touched.
  expect(build([]).stdout).toContain('up to date');
});

test.each([
  [['--backend=metal'], /--backend has to be cpu or cuda/],
  [['--fast'], /Unknown option '--fast'/],
  [['--force', '--whisper-source=/none'], /There is no whisper\.cpp source in \/none/],
])('%s is refused with a sentence', (args, sentence) => {
  const { status, stderr } = build(args);
  expect(status).toBe(1);
  expect(stderr).toMatch(sentence);
  expect(stderr).not.toMatch(/^ +at /m);
});
