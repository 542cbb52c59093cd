import { chmodSync, copyFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import installer from '@ffmpeg-installer/ffmpeg';
import { expect, onTestFinished, test } from 'vitest';
import { findFfmpeg, makeExecutable } from '../../../src/audio/ffmpeg-path.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** A program that says of itself what `ffmpeg -version` says. */
function fakeFfmpeg(version: string, libavformat: string): string {
  const path = join(temporaryFolder(), 'ffmpeg');
  const lines = [`ffmpeg version ${version} Copyright`, `libavformat    ${libavformat} / 0`];
  writeFileSync(path, `#!/bin/sh\n${lines.map((line) => `echo '${line}'`).join('\n')}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Makes `folder` the first one that is searched for programs. */
function putFirstInPath(folder: string): void {
  const before = process.env.PATH;
  process.env.PATH = `${folder}:${before}`;
  onTestFinished(() => {
    process.env.PATH = before;
  });
}

test('the configured ffmpeg wins over newer ones', async () => {
  const path = fakeFfmpeg('0.5', '52. 31.  0');
  expect(await findFfmpeg(path)).toEqual({ path, version: '0.5' });
});

test('a configured ffmpeg that does not work is an error, not a reason to take another', async () => {
  await expect(findFfmpeg('/nowhere/ffmpeg')).rejects.toThrow('/nowhere/ffmpeg: not found.');
  const notFfmpeg = join(temporaryFolder(), 'ffmpeg');
  copyFileSync('/bin/sh', notFfmpeg);
  await expect(findFfmpeg(notFfmpeg)).rejects.toThrow('FFMPEG_PATH');
});

test("a system ffmpeg that is newer than the package's is taken", async () => {
  const path = fakeFfmpeg('99.1', '99.  1.100');
  putFirstInPath(join(path, '..'));
  expect(await findFfmpeg()).toEqual({ path, version: '99.1' });
});

test("a system ffmpeg that is older than the package's is not taken", async () => {
  // 2018's libavformat is 58.24: a larger minor number of an older major must not win.
  putFirstInPath(join(fakeFfmpeg('4.0', '57.100.  0'), '..'));
  expect((await findFfmpeg()).path).toBe(installer.path);
});

test("the package's ffmpeg is taken where the system's does not work", async () => {
  const broken = join(temporaryFolder(), 'ffmpeg');
  writeFileSync(broken, '#!/bin/sh\nexit 1\n');
  chmodSync(broken, 0o755);
  putFirstInPath(join(broken, '..'));
  const found = await findFfmpeg();
  expect(found.path).toBe(installer.path);
  expect(found.version).toMatch(/^N-\d+|^\d+\./);
});

test('a program without the permission to be executed gets it', async () => {
  const path = fakeFfmpeg('1', '1.  1');
  chmodSync(path, 0o644);
  await makeExecutable(path);
  expect(statSync(path).mode & 0o111).toBe(0o111);
});
