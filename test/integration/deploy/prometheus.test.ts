import { execFileSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ScriptedEngine, spokenThrough } from '../../../src/engine/index.js';
import {
  alertRules,
  dashboardExpressions,
  deployPath,
  readDeployed,
} from '../../support/dashboard.js';
import { freePort } from '../../support/free-port.js';
import { jfkAs } from '../../support/jfk.js';
import { runServer } from '../../support/run-server.js';
import { startGateway } from '../../support/start-gateway.js';
import { StreamClient } from '../../support/stream-client.js';
import { systemProgram } from '../../support/system-program.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const prometheus = systemProgram('prometheus');
const promtool = systemProgram('promtool');

/** The shipped configuration, for this gateway and in a hurry. */
function configure(gatewayUrl: string, apiKey: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'api_key'), apiKey);
  cpSync(deployPath('prometheus/alerts.yml'), join(folder, 'alerts.yml'));
  const changes = [
    ['/etc/prometheus/whisper-gateway.key', join(folder, 'api_key')],
    ['"gateway-1:8080", "gateway-2:8080"', `"${new URL(gatewayUrl).host}"`],
    ['scrape_interval: 15s', 'scrape_interval: 1s'],
    ['evaluation_interval: 15s', 'evaluation_interval: 1s'],
  ] as const;
  let text = readDeployed('prometheus/prometheus.yml');
  for (const [from, to] of changes) {
    expect(text).toContain(from);
    text = text.replace(from, to);
  }
  writeFileSync(join(folder, 'prometheus.yml'), text);
  return folder;
}

describe.skipIf(!prometheus || !promtool)('Prometheus', () => {
  test('finds nothing wrong with the configuration and the alerts, which fire when they should', () => {
    const folder = configure('http://127.0.0.1:1', 'a key');
    const check = (...args: string[]) =>
      execFileSync(promtool as string, args, { encoding: 'utf8', cwd: folder });
    expect(check('check', 'config', 'prometheus.yml')).toContain('SUCCESS');
    expect(check('check', 'rules', 'alerts.yml')).toContain(`${alertRules().length} rules found`);
    cpSync(deployPath('prometheus/alerts.test.yml'), join(folder, 'alerts.test.yml'));
    expect(check('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS');
  });

  test('reads a running gateway with its key, and answers whatever the dashboard asks', async () => {
    const engine = new ScriptedEngine({ script: (window) => spokenThrough(window, 'hello') });
    const gateway = await startGateway({ apiKey: 'open-sesame' }, { engine });
    const folder = configure(gateway.url, 'open-sesame');
    const address = `127.0.0.1:${await freePort()}`;
    const args = [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
    ];
    const ask = async (path: string) => (await fetch(`http://${address}${path}`)).json();
    await runServer(
      prometheus as string,
      args,
      async () => (await fetch(`http://${address}/-/ready`)).ok,
    );

    const client = await StreamClient.connect(gateway.url, '/v1/stream?token=open-sesame');
    await client.start({ audio: { format: 'pcm_s16le' } });
    await client.sendAudio(await jfkAs());
    await client.stop();

    const query = async (expression: string) => {
      const { data } = (await ask(`/api/v1/query?query=${encodeURIComponent(expression)}`)) as {
        data?: { result: { value: [number, string] }[] };
      };
      return data?.result.map(({ value }) => Number(value[1]));
    };
    const seen = { timeout: 30_000 };
    await expect.poll(() => query('up{job="whisper-gateway"}'), seen).toEqual([1]);
    await expect.poll(() => query('whisper_gateway_ready'), seen).toEqual([1]);
    await expect.poll(() => query('whisper_gateway_final_seconds_count > 0'), seen).toHaveLength(1);
    expect(await query('whisper_gateway_audio_received_seconds_total')).toEqual([11]);

    for (const [title, expression] of dashboardExpressions()) {
      const asked = expression.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*');
      expect(await query(asked), `${title}: ${asked}`).toBeDefined();
    }
    const rules = async () => {
      const { data } = (await ask('/api/v1/rules')) as {
        data: { groups: { rules: { name: string; health: string }[] }[] };
      };
      return data.groups.flatMap((group) => group.rules.map(({ name, health }) => [name, health]));
    };
    const healthy = alertRules().map(({ alert }) => [alert, 'ok']);
    await expect.poll(rules, seen).toEqual(healthy);
  });
});
