import { expect, onTestFinished, test } from 'vitest';
import { checkSession } from '../../support/check-session.js';
import { fixture } from '../../support/decoder-fixtures.js';
import { smallDisk } from '../../support/small-disk.js';
import { expectEveryWord, speak } from '../../support/speak.js';
import { startGateway } from '../../support/start-gateway.js';
import { StreamClient } from '../../support/stream-client.js';

/** Where temporary files go until the test is over. */
function putTemporaryFiles(folder: string): void {
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  onTestFinished(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  });
}

test('a full disk fails the one session that needs it, by its code, and no other', async (context) => {
  const indexLast = fixture('index-last.m4a');
  const gateway = await startGateway();
  const disk = smallDisk(16_384);
  if (!disk) return context.skip();
  putTemporaryFiles(disk);
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
