import { execFileSync } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { checkSession } from '../../support/check-session.js';
import { fixture } from '../../support/decoder-fixtures.js';
import { expectEveryWord, speak } from '../../support/speak.js';
import { startGateway } from '../../support/start-gateway.js';
import { StreamClient } from '../../support/stream-client.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** A temporary folder on a disk of so many bytes; null where this user may not mount one. */
function smallDisk(bytes: number): string | null {
  const folder = temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder], {
      stdio: 'ignore',
    });
  } catch {
    return null;
  }
  onTestFinished(() => void execFileSync('umount', [folder]));
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  onTestFinished(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  });
  return folder;
}

test('a full disk fails the one session that needs it, by its code, and no other', async (context) => {
  const indexLast = fixture('index-last.m4a');
  const gateway = await startGateway();
  const disk = smallDisk(16_384);
  if (!disk) return context.skip();
  const client = await StreamClient.connect(gateway.url);
  await client.start({ language: 'en' });
  await client.sendAudio(indexLast);
  await client.stop();
  expect(await client.next('transcription_failed')).toMatchObject({
    code: 'disk_full',
    fatal: true,
  });
  expect(client.closed).toEqual({ code: 1011, reason: 'disk_full' });
  checkSession(client);

  await expectEveryWord(await speak(gateway, () => {}));
});
