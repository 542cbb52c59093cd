import { describe, expect, test } from 'vitest';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import { chromiumPath } from '../support/browser.js';
import { jfkMicrophone } from '../support/microphone.js';
import { startGateway } from '../support/start-gateway.js';
import { openWebPage } from '../support/web-page.js';

describe.skipIf(!chromiumPath)('a gateway with a port of its own for sockets', () => {
  test('has them opened there by its pages', async () => {
    const engine = new ScriptedEngine({ script: (window) => spokenThrough(window, 'hello world') });
    const uws = { streamServer: 'uws', streamPort: 0 } as const;
    const gateway = await startGateway({ ...uws, apiKey: 'open sesame' }, { engine });
    const page = await openWebPage(gateway.url, { microphone: await jfkMicrophone() });
    await page.getByLabel('Key', { exact: true }).fill('open sesame');
    await page.getByRole('button', { name: 'Use this key' }).click();
    const opened = page.waitForEvent('websocket');
    await page.getByRole('button', { name: 'Start' }).click();
    expect(new URL((await opened).url()).port).toBe(new URL(gateway.streamUrl).port);
    await page.getByRole('log').getByText('hello').first().waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await expect.poll(() => gateway.health().sessions).toBe(0);
  });
});
