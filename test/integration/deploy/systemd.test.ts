import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configSchema, loadConfig, type OptionMeta } from '../../../src/config/index.js';
import { readDeployed } from '../../support/dashboard.js';
import { systemProgram } from '../../support/system-program.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const systemdAnalyze = systemProgram('systemd-analyze');
const logrotate = systemProgram('logrotate');

/** The unit as it would be installed, with what is on this machine for what is not. */
function install(): string {
  const folder = temporaryFolder();
  const unit = readDeployed('systemd/whisper-gateway@.service');
  const changes = [
    ['/usr/bin/env node /opt/whisper-gateway/current/dist/main.js', '/usr/bin/env node main.js'],
    ['User=whisper-gateway', 'User=daemon'],
    ['Group=whisper-gateway', 'Group=daemon'],
  ] as const;
  const installed = changes.reduce((before, [from, to]) => {
    expect(before).toContain(from);
    return before.replace(from, to);
  }, unit);
  const file = join(folder, 'whisper-gateway@8081.service');
  writeFileSync(file, installed);
  return file;
}

describe.skipIf(!systemdAnalyze)('the systemd unit', () => {
  test('is one that systemd finds nothing wrong with', () => {
    const file = install();
    const dropIns = `${file}.d`;
    mkdirSync(dropIns);
    writeFileSync(join(dropIns, 'gpu.conf'), readDeployed('systemd/gpu.conf'));
    const args = ['verify', '--man=no', '--recursive-errors=no', file];
    const { status, stderr } = spawnSync(systemdAnalyze as string, args, { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  test('leaves a gateway nothing that it does not need', () => {
    // 10 is a service without any sandbox; most of a distribution's own are above 9.
    const args = ['security', '--offline=yes', '--no-pager', '--threshold=20', install()];
    const { status, stdout } = spawnSync(systemdAnalyze as string, args, { encoding: 'utf8' });
    expect(stdout).toMatch(/Overall exposure level for .*: 1\.\d OK/);
    expect(status).toBe(0);
  });
});

test('the environment file sets options that there are, to values that they take', () => {
  const env = Object.fromEntries(
    readDeployed('systemd/environment')
      .split('\n')
      .flatMap((line) => {
        const [, name, value] = /^#? ?([A-Z_]+)=(.*)$/.exec(line) ?? [];
        return name ? [[name, value]] : [];
      }),
  );
  const known = Object.values(configSchema.shape).map(
    (field) => (field.meta() as unknown as OptionMeta).env,
  );
  expect(known).toEqual(expect.arrayContaining(Object.keys(env)));
  const { shutdownTimeoutMs } = loadConfig({}, env);
  const [, stop] =
    /^TimeoutStopSec=(\d+)$/m.exec(readDeployed('systemd/whisper-gateway@.service')) ?? [];
  expect(Number(stop) * 1_000).toBeGreaterThan(shutdownTimeoutMs);
});

describe.skipIf(!logrotate)('log rotation', () => {
  test('cuts a log that stays open, and keeps what was in it', () => {
    const folder = temporaryFolder();
    const log = join(folder, 'gateway.log');
    writeFileSync(log, '{"msg":"before"}\n');
    const rules = readDeployed('logrotate/whisper-gateway');
    expect(rules).toContain('/var/log/whisper-gateway/*.log');
    const user = process.getuid?.() === 0 ? 'su root root' : '';
    const config = rules
      .replace('/var/log/whisper-gateway/*.log', log)
      .replace('su root root', user);
    writeFileSync(join(folder, 'rules'), config, { mode: 0o644 });
    const args = ['--force', '--state', join(folder, 'state'), join(folder, 'rules')];
    execFileSync(logrotate as string, args);
    expect(readFileSync(log, 'utf8')).toBe('');
    expect(readFileSync(join(folder, 'gateway.log.1'), 'utf8')).toBe('{"msg":"before"}\n');
    expect(readdirSync(folder).filter((name) => name.startsWith('gateway.log'))).toHaveLength(2);
  });
});
