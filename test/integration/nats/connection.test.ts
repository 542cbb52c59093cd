import { expect, test, vi } from 'vitest';
import { connectNats } from '../../../src/nats/index.js';
import { freePort } from '../../support/free-port.js';
import { natsServer, startNats } from '../../support/start-nats.js';

test.skipIf(!natsServer)('a connection comes back when the server does', async () => {
  const nats = await startNats();
  const hooks = { onDisconnected: vi.fn(), onReconnected: vi.fn() };
  const connection = await connectNats({ url: nats.url, name: 'test' }, hooks);
  try {
    await nats.kill();
    await vi.waitFor(() => expect(hooks.onDisconnected).toHaveBeenCalled(), 10_000);
    await nats.restart();
    await vi.waitFor(() => expect(hooks.onReconnected).toHaveBeenCalled(), 20_000);
    await connection.flush();
  } finally {
    await connection.close();
  }
});

test('where nobody listens it says so, without the password', async () => {
  const url = `nats://anna:secret@127.0.0.1:${await freePort()}`;
  const refused = await connectNats({ url, name: 'test' }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'nats_unavailable' });
  expect((refused as Error).message).not.toContain('secret');
});
