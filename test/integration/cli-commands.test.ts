import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { packageRoot } from '../../src/config/index.js';
import { runCli } from '../support/run-cli.js';

describe('the command line', () => {
  test('says its version', async () => {
    const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(await runCli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('helps with itself and with each command', async () => {
    const { code, stdout } = await runCli(['--help']);
    expect(code).toBe(0);
    const commands = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name as string);
    expect(commands).toEqual(expect.arrayContaining(['start', 'models', 'doctor']));
    for (const command of commands.filter((name) => name !== 'help')) {
      const help = await runCli([command, '--help']);
      expect(help).toMatchObject({ code: 0, stderr: '' });
      expect(help.stdout).toContain(`Usage: whisper-gateway ${command}`);
    }
  });

  test.each([
    [['modles'], 'Did you mean models?'],
    [['models', 'lits'], 'Did you mean list?'],
    [['start', '--prot'], "unknown option '--prot'"],
    [['start', 'now'], 'too many arguments'],
    [['models', 'pull'], "missing required argument 'name'"],
    [['models', 'pull', 'tiny', '--mirror', 'ftp://a'], 'https://'],
  ])('ends with 2 and a hint after %j', async (args, hint) => {
    const { code, stdout, stderr } = await runCli(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(hint);
    expect(stderr).toContain('--help');
  });

  test('ends with 2 where the settings cannot be used', async () => {
    const { code, stderr } = await runCli([], { PORT: 'abc' });
    expect(code).toBe(2);
    expect(stderr).toContain('PORT');
  });

  test('ends with 3 where the gateway cannot start, and says why', async () => {
    const { code, stderr } = await runCli(['start'], { MODEL: 'large-v3', PORT: '0' });
    expect(code).toBe(3);
    expect(stderr).toContain('whisper-gateway models pull large-v3');
  });

  test('ends with 3 where the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const { code, stderr } = await runCli(['start'], { PORT: String(port), LOG_LEVEL: 'silent' });
    expect(code).toBe(3);
    expect(stderr).toContain('taken by another program');
  });

  test.each([[[]], [['start']]])('runs the gateway with %j until SIGTERM', async (args) => {
    const gateway = spawn(process.execPath, [join(packageRoot, 'dist/main.js'), ...args], {
      env: { ...process.env, PORT: '0', LOG_LEVEL: 'silent' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void gateway.kill('SIGKILL'));
    const [greeting] = (await once(gateway.stdout, 'data')) as [Buffer];
    expect(greeting.toString()).toMatch(/listens at http:\/\/127\.0\.0\.1:\d+/);
    gateway.kill('SIGTERM');
    expect(await once(gateway, 'exit')).toEqual([0, null]);
  });

  test('does not mind a reader that leaves', async () => {
    const list = spawn(process.execPath, [join(packageRoot, 'dist/main.js'), 'models', 'list'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    list.stdout.destroy();
    const said: Buffer[] = [];
    list.stderr.on('data', (chunk: Buffer) => said.push(chunk));
    await once(list, 'close');
    expect(Buffer.concat(said).toString()).toBe('');
  });
});
