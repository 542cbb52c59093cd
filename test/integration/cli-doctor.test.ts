import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  readdirSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { packageRoot } from '../../src/config/index.js';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import { copiedInstallation } from '../support/copied-installation.js';
import { answerStatus, startHub } from '../support/hub-server.js';
import { programsInPath } from '../support/programs-in-path.js';
import { type CliResult, runCli } from '../support/run-cli.js';
import { startGateway } from '../support/start-gateway.js';
import { natsServer, startNats } from '../support/start-nats.js';
import { temporaryFolder } from '../support/temporary-folder.js';

interface Told {
  readonly level: string;
  readonly detail: string;
  readonly remedy: string | null;
  readonly repairable: boolean;
}

/** What the doctor says with these settings, by the id of the check. */
async function findings(
  env: Record<string, string> = {},
  args: readonly string[] = [],
  root?: string,
): Promise<CliResult & { readonly told: Record<string, Told>; readonly level: string }> {
  const result = await runCli(['doctor', '--json', ...args], { PORT: '0', ...env }, root);
  const { findings: list, level } = JSON.parse(result.stdout) as {
    findings: (Told & { id: string })[];
    level: string;
  };
  return { ...result, level, told: Object.fromEntries(list.map((it) => [it.id, it])) };
}

/** A folder with a copy of the voice activity model that was cut off. */
function folderWithDamage(): string {
  const dir = temporaryFolder();
  const file = 'ggml-silero-v6.2.3.bin';
  copyFileSync(join(packageRoot, 'models', file), join(dir, file));
  truncateSync(join(dir, file), 1_000);
  return dir;
}

describe('whisper-gateway doctor', () => {
  test.skipIf(!natsServer)('tells whether NATS is there, and large enough', async () => {
    const [good, small] = [await startNats(), await startNats({ maxPayload: 65_536 })];
    const look = async (url?: string) => (await findings(url ? { NATS_URL: url } : {})).told.nats;
    expect(await look()).toMatchObject({
      level: 'ok',
      detail: expect.stringContaining('not used'),
    });
    expect(await look(good.url)).toMatchObject({
      level: 'ok',
      detail: expect.stringContaining('JetStream'),
    });
    expect(await look(small.url)).toMatchObject({
      level: 'error',
      remedy: expect.stringContaining('max_payload'),
    });
    await good.kill();
    expect(await look(good.url)).toMatchObject({ level: 'error' });
  });

  test('finds an installation well that is', async () => {
    const { told, code, level } = await findings({ PATH: programsInPath() });
    const unwell = Object.entries(told).filter(([, { level }]) => level === 'error');
    expect(unwell).toEqual([]);
    expect(code).toBe(0);
    expect(['ok', 'warning']).toContain(level);
    for (const id of [
      'node',
      'cmake',
      'compiler',
      'engine_cpu',
      'ffmpeg',
      'audio_formats',
      'model',
    ])
      expect(told[id], id).toMatchObject({ level: 'ok', remedy: null, repairable: false });
  });

  test('tells people in groups, without colours where no terminal is', async () => {
    const { stdout, code } = await runCli(['doctor'], { PORT: '0', FFMPEG_PATH: '/no/ffmpeg' });
    expect(code).toBe(1);
    const groups = [...stdout.matchAll(/^(\S.*)$/gm)].map(([line]) => line);
    expect(groups.slice(1, -1)).toEqual([
      ...['System', 'Build tools', 'Engine', 'Audio', 'Models', 'Service'],
    ]);
    expect(stdout).toMatch(/^ {2}ok {7}Node {13}\d+\./m);
    expect(stdout).toMatch(/^ {2}error {4}ffmpeg {11}.*\n +→ .*apt-get install ffmpeg/m);
    expect(groups.at(-1)).toMatch(/^2 errors/);
    expect(stdout).not.toContain('\u001b');
  });

  test('has findings for warnings only with --strict', async () => {
    const env = { PATH: programsInPath(['cmake']) };
    expect((await findings(env)).code).toBe(0);
    expect((await findings(env, ['--strict'])).code).toBe(1);
  });
});

describe.skipIf(!hasProgram('script'))('whisper-gateway doctor on a terminal', () => {
  const onTerminal = (env: Record<string, string>) =>
    execFileSync(
      'script',
      ['-qec', `${process.execPath} ${join(packageRoot, 'dist/main.js')} doctor`, '/dev/null'],
      { env: { PATH: process.env.PATH, TERM: 'xterm', PORT: '0', ...env } },
    ).toString();

  test('is in colour', () => {
    expect(onTerminal({})).toContain('\u001b[32mok');
  });

  test('is not where NO_COLOR asks for that', () => {
    expect(onTerminal({ NO_COLOR: '1' })).not.toContain('\u001b[3');
  });
});

describe('the doctor tells that', () => {
  test.each([
    ['cmake', 'cmake'],
    ['make', 'make'],
    ['c++', 'compiler'],
  ])('%s is missing, which the engine that is built does not need', async (program, id) => {
    const { told, code } = await findings({ PATH: programsInPath([program]) });
    expect(told[id]).toMatchObject({
      level: 'warning',
      remedy: expect.stringContaining('build-essential'),
    });
    expect(code).toBe(0);
  });

  test('CMake is missing where the engine is not built', async () => {
    const { root } = copiedInstallation();
    const { told, code } = await findings({ PATH: programsInPath(['cmake']) }, [], root);
    expect(told.cmake).toMatchObject({ level: 'error' });
    expect(told.engine_cpu).toMatchObject({ level: 'error', repairable: true });
    expect(code).toBe(1);
  });

  test('the engine is not one', async () => {
    const { root, addon } = copiedInstallation();
    writeFileSync(addon, 'This is no shared library.');
    const { told } = await findings({}, [], root);
    expect(told.engine_cpu).toMatchObject({
      level: 'error',
      remedy: expect.stringContaining('npm run build:native'),
    });
  });

  test('ffmpeg does not work', async () => {
    const { told, code } = await findings({ FFMPEG_PATH: '/no/ffmpeg' });
    expect(told.ffmpeg).toMatchObject({ level: 'error', detail: expect.stringContaining('/no/') });
    expect(code).toBe(1);
  });

  test('ffmpeg lacks a decoder', async () => {
    const real = execFileSync('/bin/sh', ['-c', 'command -v ffmpeg']).toString().trim();
    const folder = programsInPath([], { ffmpeg: `${real} "$@" | /bin/grep -v -i opus` });
    const { told } = await findings({ FFMPEG_PATH: join(folder, 'ffmpeg') });
    expect(told.ffmpeg?.level).toBe('ok');
    expect(told.audio_formats).toMatchObject({
      level: 'warning',
      detail: expect.stringMatching(/without WebM and Matroska \(Opus\), Ogg \(Opus\)$/),
    });
  });

  test('a GPU is asked for and there is no driver', async () => {
    const { told, code } = await findings({ PATH: programsInPath(), BACKEND: 'cuda' });
    expect(told.gpu).toMatchObject({ level: 'error', remedy: expect.stringContaining('BACKEND') });
    expect(code).toBe(1);
  });

  test('the driver finds no GPU', async () => {
    const said = 'Failed to initialize NVML: Driver/library version mismatch';
    const path = programsInPath([], { 'nvidia-smi': `echo '${said}'; exit 18` });
    expect((await findings({ PATH: path })).told.gpu).toMatchObject({
      level: 'warning',
      detail: expect.stringContaining(said),
    });
  });

  test('there are GPUs, and what they have', async () => {
    const lines =
      'echo "NVIDIA H200, 580.1, 143771, 143000"; echo "NVIDIA T4, 580.1, 15360, 15000"';
    const { told } = await findings({ PATH: programsInPath([], { 'nvidia-smi': lines }) });
    expect(told.gpu).toMatchObject({
      level: 'ok',
      detail: expect.stringMatching(/^NVIDIA H200, 140 GiB of 140 GiB free.*; NVIDIA T4, 15 GiB/),
    });
  });

  test('a model is damaged', async () => {
    const { told, code } = await findings({ MODELS_DIR: folderWithDamage() });
    expect(told.voice_activity_model).toMatchObject({
      level: 'error',
      detail: expect.stringContaining('1000 bytes instead of 885102'),
      remedy: expect.stringContaining('git'),
      repairable: true,
    });
    expect(told.embedded_model?.level).toBe('ok');
    expect(code).toBe(1);
  });

  test('MODEL is not here yet', async () => {
    const { told } = await findings({ MODEL: 'tiny' });
    expect(told.model).toMatchObject({
      level: 'error',
      detail: expect.stringContaining('models pull tiny'),
      repairable: true,
    });
  });

  test('a model of the catalogue was cut off, and a download is unfinished', async () => {
    const dir = temporaryFolder();
    writeFileSync(join(dir, 'ggml-base.bin.part'), 'the beginning');
    expect((await findings({ MODELS_DIR: dir })).told.other_models).toMatchObject({
      level: 'warning',
      detail: expect.stringContaining('base is unfinished'),
    });
    writeFileSync(join(dir, 'ggml-tiny.bin'), 'half of it');
    expect((await findings({ MODELS_DIR: dir })).told.other_models).toMatchObject({
      level: 'warning',
      detail: expect.stringContaining('10 bytes instead of 77691713'),
      repairable: true,
    });
  });

  test('the folder of models cannot be written to', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect((await findings({ MODELS_DIR: join(file, 'models') })).told.models_folder).toMatchObject(
      {
        level: 'warning',
        detail: expect.stringContaining('ENOTDIR'),
      },
    );
  });

  test('temporary files cannot be written', async () => {
    const missing = join(temporaryFolder(), 'file');
    writeFileSync(missing, '');
    expect((await findings({ TMPDIR: missing })).told.temporary_folder).toMatchObject({
      level: 'error',
      remedy: expect.stringContaining('TMPDIR'),
    });
  });

  test('the port is taken by another program', async () => {
    const server = createServer((socket) => socket.end('SSH-2.0-other\r\n')).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const { told, code } = await findings({ PORT: String(port) });
    expect(told.port).toMatchObject({ level: 'error', remedy: expect.stringContaining('PORT') });
    expect(code).toBe(1);
  });

  test('a gateway of ours runs at the port', async () => {
    const gateway = await startGateway(
      { apiKey: 'secret' },
      { engine: new ScriptedEngine({ script: (window) => spokenThrough(window, '') }) },
    );
    const PORT = new URL(gateway.url).port;
    expect((await findings({ PORT })).told.port).toMatchObject({
      level: 'ok',
      detail: expect.stringMatching(/version .*scripted.*ok$/),
    });
  });

  test('the address is none of this machine', async () => {
    const env = { HOST: '192.0.2.1', API_KEY: 'secret', PORT: '9' };
    expect((await findings(env)).told.port).toMatchObject({
      level: 'error',
      remedy: expect.stringContaining('HOST'),
    });
  });

  test('settings cannot be used, and looks at everything else all the same', async () => {
    const { told, code } = await findings({ ASR_SLOTS: 'many' });
    expect(told.settings).toMatchObject({
      level: 'error',
      detail: expect.stringContaining('ASR_SLOTS'),
    });
    expect(told.engine_cpu?.level).toBe('ok');
    expect(code).toBe(1);
  });
});

describe('whisper-gateway doctor --fix', () => {
  test('builds the engine, and looks whether that helped', async () => {
    const { root } = copiedInstallation();
    expect((await findings({}, [], root)).code).toBe(1);
    const { told, code, stderr } = await findings({}, ['--fix'], root);
    expect(stderr).toContain('building --backend=cpu --force');
    expect(told.engine_cpu).toMatchObject({ level: 'ok', repairable: false });
    expect(code).toBe(0);
  });

  test('says where building did not help', async () => {
    const { root } = copiedInstallation();
    writeFileSync(join(root, 'scripts/build-native.mjs'), 'process.exit(1);');
    const fixed = await runCli(['doctor', '--fix'], { PORT: '0' }, root);
    expect(fixed.code).toBe(1);
    expect(fixed.stdout).toContain('The build failed');
    expect(fixed.stdout.trimEnd().split('\n').at(-1)).toMatch(/^1 error/);
  });

  test.skipIf(!existsSync(join(packageRoot, '.git')))('restores a model', async () => {
    const dir = folderWithDamage();
    const { told, code } = await findings({ MODELS_DIR: dir }, ['--fix']);
    expect(told.voice_activity_model).toMatchObject({ level: 'ok' });
    expect(code).toBe(0);
    expect(readdirSync(dir)).toEqual(['ggml-silero-v6.2.3.bin']);
  });

  test('downloads MODEL, and says where that did not help', async () => {
    const hub = await startHub(answerStatus(404));
    const env = { MODEL: 'tiny', MODELS_DIR: temporaryFolder(), HF_ENDPOINT: hub.url, PORT: '0' };
    const fixed = await runCli(['doctor', '--fix'], env);
    expect(fixed.code).toBe(1);
    expect(hub.requests).toHaveLength(1);
    expect(fixed.stdout).toMatch(/Downloads tiny, 74 MiB …\n.*404.*\(model_download_failed\)/);
  });

  test('removes what killed processes left, and nothing else', async () => {
    const dir = temporaryFolder();
    const [old, young] = [`whisper-gateway-${randomUUID()}`, `whisper-gateway-${randomUUID()}`];
    const others = ['ggml-own.bin.123.tmp', 'notes.tmp', 'whisper-gateway-notes.txt'];
    for (const name of [old, young, ...others]) writeFileSync(join(dir, name), '');
    const longAgo = new Date(Date.now() - 86_400_000);
    for (const name of [old, ...others]) utimesSync(join(dir, name), longAgo, longAgo);
    const env = { TMPDIR: dir, MODELS_DIR: dir };
    expect((await findings(env)).told.temporary_folder).toMatchObject({ level: 'warning' });
    const { told } = await findings(env, ['--fix']);
    expect(told.temporary_folder).toMatchObject({ level: 'ok' });
    expect(readdirSync(dir).sort()).toEqual(
      [young, 'notes.tmp', 'whisper-gateway-notes.txt'].sort(),
    );
  });
});

function hasProgram(name: string): boolean {
  try {
    execFileSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', name]);
    return true;
  } catch {
    return false;
  }
}
