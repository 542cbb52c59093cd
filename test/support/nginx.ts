import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished } from 'vitest';
import { readDeployed } from './dashboard.js';
import { freePort } from './free-port.js';
import { runServer } from './run-server.js';
import { selfSigned } from './self-signed.js';
import { StreamClient } from './stream-client.js';
import { systemProgram } from './system-program.js';
import { temporaryFolder } from './temporary-folder.js';

/** Undefined where it is not installed: such tests are skipped. */
export const nginx = systemProgram('nginx');

/** Debian's nginx with the shipped configuration, for these two gateways and on free ports. */
export async function startNginx(
  gateways: readonly [{ readonly url: string }, { readonly url: string }],
  further: readonly [from: string, to: string][] = [],
) {
  const folder = temporaryFolder();
  const { cert, key } = selfSigned(folder, 'nginx');
  const [http, https] = [await freePort(), await freePort()];
  const changes: [string, string][] = [
    ['listen 80;', `listen 127.0.0.1:${http};`],
    ['listen [::]:80;', ''],
    ['listen 443 ssl http2;', `listen 127.0.0.1:${https} ssl http2;`],
    ['listen [::]:443 ssl http2;', ''],
    ['/etc/letsencrypt/live/captions.example/fullchain.pem', cert],
    ['/etc/letsencrypt/live/captions.example/privkey.pem', key],
    ['/var/log/nginx/whisper-gateway.log', join(folder, 'access.log')],
    ['127.0.0.1:8081', new URL(gateways[0].url).host],
    ['127.0.0.1:8082', new URL(gateways[1].url).host],
    ...further,
  ];
  const config = changes.reduce((before, [from, to]) => {
    expect(before).toContain(from);
    return before.replaceAll(from, to);
  }, readDeployed('nginx/whisper-gateway.conf'));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const main = `
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    daemon off;
    pid ${join(folder, 'nginx.pid')};
    error_log stderr warn;
    events {}
    http {
      ${temporary.map((name) => `${name}_temp_path ${join(folder, name)};`).join('\n')}
      ${config}
    }`;
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, main);
  const args = ['-p', folder, '-e', 'stderr', '-c', file];
  const redirected = (path = '/') =>
    fetch(`http://127.0.0.1:${http}${path}`, { redirect: 'manual' });
  await runServer(nginx as string, args, async () => (await redirected()).status === 308);
  const ca = readFileSync(cert);
  const open = (path: string, options: RequestOptions = {}) => {
    const sent = request(`https://127.0.0.1:${https}${path}`, { ca, agent: false, ...options });
    onTestFinished(() => void sent.destroy());
    const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
    return { sent, answered: answered.then(([answer]) => answer) };
  };
  return {
    config: file,
    /** Makes it read its configuration again. */
    reload: [nginx as string, ...args, '-s', 'reload'].join(' '),
    url: `https://127.0.0.1:${https}`,
    ca,
    redirected,
    log: () => readFileSync(join(folder, 'access.log'), 'utf8'),
    connect: (path?: string) =>
      StreamClient.connect(`https://127.0.0.1:${https}`, path, undefined, { ca }),
    open,
    async ask(path: string, options?: RequestOptions) {
      const { sent, answered } = open(path, options);
      sent.end();
      const answer = await answered;
      return { answer, body: await text(answer) };
    },
  };
}
