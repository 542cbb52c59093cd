import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { packageRoot } from '../../src/config/index.js';
import { answerStatus, serve, startHub } from '../support/hub-server.js';
import { emptyOnnx, piperDescription } from '../support/onnx-file.js';
import { runCli } from '../support/run-cli.js';
import { startGateway } from '../support/start-gateway.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const embedded = join(packageRoot, 'models/ggml-base-q8_0.bin');

/** An empty folder of models, and the environment that names it. */
function emptyFolder(): { dir: string; env: Record<string, string> } {
  const dir = temporaryFolder();
  return { dir, env: { MODELS_DIR: dir } };
}

/** A proxy that takes every way to the hub. */
async function startProxy(hubUrl: string): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer();
  server.on('connect', ({ url }, socket) => {
    asked.push(url ?? '');
    const hub = connect(Number(new URL(hubUrl).port), '127.0.0.1');
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    hub.pipe(socket).pipe(hub);
    socket.on('error', () => hub.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked };
}

describe('whisper-gateway models', () => {
  test('list shows what is here and what can be pulled', async () => {
    const { env, dir } = emptyFolder();
    writeFileSync(join(dir, 'ggml-tiny.bin.part'), Buffer.alloc(3 << 20));
    const { code, stdout } = await runCli(['models', 'list'], env);
    expect(code).toBe(0);
    expect(stdout).toMatch(/base-q8_0 +78 MiB.*comes with the gateway, set as MODEL/);
    expect(stdout).toMatch(/tiny +74 MiB.*3\.0 MiB of it are here/);
    expect(stdout).toMatch(/large-v3-turbo +1\.5 GiB +~[\d.]+ GiB +100/);
    expect(stdout).not.toContain('\u001b');
  });

  test('list --json tells programs', async () => {
    const { env } = emptyFolder();
    const { stdout } = await runCli(['models', 'list', '--json'], env);
    const models = JSON.parse(stdout) as { name: string; here: boolean; check: string | null }[];
    expect(models.length).toBeGreaterThan(30);
    expect(models.filter((model) => model.here)).toMatchObject([
      { name: 'base-q8_0', check: 'ok' },
    ]);
    expect(models.find((model) => model.name === 'tiny')).toEqual({
      name: 'tiny',
      path: null,
      bytes: 77_691_713,
      memory_bytes: expect.any(Number),
      kind: 'recognition',
      languages: 99,
      language: null,
      licence: 'MIT',
      origin: 'catalogue',
      here: false,
      check: null,
      part_bytes: 0,
    });
  });

  test('import, verify, list and remove one of one’s own', async () => {
    const { env, dir } = emptyFolder();
    const imported = await runCli(['models', 'import', embedded, '--name', 'mine'], env);
    expect(imported).toMatchObject({ code: 0, stdout: expect.stringContaining('MODEL=mine') });
    expect((await runCli(['models', 'verify', 'mine'], env)).stdout).toMatch(/^ok +mine/);
    expect((await runCli(['models', 'list'], env)).stdout).toMatch(/mine .*checked, your own/);

    truncateSync(join(dir, 'ggml-mine.bin'), 1_000_000);
    const verified = await runCli(['models', 'verify'], env);
    expect(verified).toMatchObject({ code: 1, stderr: expect.stringContaining('Damaged: mine') });
    expect(verified.stdout).toMatch(/^damaged +mine/m);
    expect(verified.stdout).toMatch(/^ok +base-q8_0/m);

    expect(await runCli(['models', 'remove', 'mine'], env)).toMatchObject({ code: 0 });
    expect(readdirSync(dir)).toEqual([]);
  });

  test('import refuses a GGUF file with words and a code', async () => {
    const { env, dir } = emptyFolder();
    const file = join(dir, 'model.gguf');
    writeFileSync(file, 'GGUF and so on');
    const { code, stderr } = await runCli(['models', 'import', file], env);
    expect(code).toBe(1);
    expect(stderr).toMatch(/GGUF.*whisper\.cpp does not read.*\(model_unsupported\)/);
  });

  test('import brings what the gateway can run', async () => {
    const { env, dir } = emptyFolder();
    await runCli(['models', 'import', embedded, '--name', 'mine'], env);
    const gateway = await startGateway({ model: 'mine', modelsDir: dir });
    expect(gateway.health()).toMatchObject({ model: 'mine', ready: true });
  });

  test('pull asks the mirror, and refuses what is not the model', async () => {
    const { env, dir } = emptyFolder();
    const hub = await startHub(serve(Buffer.from('something else')));
    const pulled = await runCli(['models', 'pull', 'tiny', '--mirror', `${hub.url}/hf/`], env);
    expect(pulled.code).toBe(1);
    expect(pulled.stderr).toContain('14 bytes there instead of 77691713');
    expect(pulled.stderr).toContain('(model_download_failed)');
    expect(hub.requests[0]?.url).toBe('/hf/ggerganov/whisper.cpp/resolve/main/ggml-tiny.bin');
    expect(readdirSync(dir)).toEqual([]);
  });

  test('pull asks the hub that HF_ENDPOINT names', async () => {
    const { env } = emptyFolder();
    const hub = await startHub(answerStatus(404));
    const pulled = await runCli(['models', 'pull', 'small'], { ...env, HF_ENDPOINT: hub.url });
    expect(pulled.code).toBe(1);
    expect(pulled.stderr).toContain(`${hub.url}/ggerganov/whisper.cpp`);
  });

  test('list shows voices with their languages and licences, and whose one speaks', async () => {
    const { env } = emptyFolder();
    const { stdout } = await runCli(['models', 'list'], { ...env, SPEECH_MODEL: 'espeak-ng' });
    expect(stdout).toMatch(
      /de_DE-thorsten-medium +60 MiB +~\S+ MiB +German \(Germany\) +CC0-1\.0 +voice/,
    );
    expect(stdout).toMatch(/kokoro-multi-lang-v1_0 +345 MiB +~\S+ MiB +2 +Apache-2\.0 +voice/);
    expect(stdout).toMatch(/large-v3 +2\.9 GiB +~\S+ GiB +100 +MIT/);
  });

  test('import, verify, list and remove the folder of a voice', async () => {
    const { env, dir } = emptyFolder();
    const folder = join(temporaryFolder(), 'amy');
    mkdirSync(folder);
    writeFileSync(join(folder, 'amy.onnx'), emptyOnnx());
    writeFileSync(join(folder, 'amy.onnx.json'), JSON.stringify(piperDescription));
    const imported = await runCli(['models', 'import', folder], env);
    expect(imported).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('SPEECH_MODEL=amy'),
    });
    expect((await runCli(['models', 'verify', 'amy'], env)).stdout).toMatch(/^ok +amy/);
    const set = { ...env, SPEECH_MODEL: 'amy' };
    expect((await runCli(['models', 'list'], set)).stdout).toMatch(
      /amy .*American English .*voice, checked, your own, set as SPEECH_MODEL/,
    );
    truncateSync(join(dir, 'voices/amy/amy.onnx'), 10);
    expect(await runCli(['models', 'verify'], env)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Damaged: amy'),
    });
    expect(await runCli(['models', 'remove', 'amy'], env)).toMatchObject({ code: 0 });
    expect(readdirSync(join(dir, 'voices'))).toEqual([]);
  });

  test('pull asks for the files of a voice at the revision of the catalogue', async () => {
    const { env, dir } = emptyFolder();
    const hub = await startHub(answerStatus(404));
    const voice = 'en_US-joe-medium';
    const pulled = await runCli(['models', 'pull', voice, '--mirror', hub.url], env);
    expect(pulled.code).toBe(1);
    expect(hub.requests[0]?.url).toMatch(
      /^\/rhasspy\/piper-voices\/resolve\/[0-9a-f]{40}\/en\/en_US\/joe\/medium\/en_US-joe-medium\.onnx$/,
    );
    expect(readdirSync(join(dir, 'voices'))).toEqual([`${voice}.part`]);
  });

  test('pull goes through the proxy that the environment names', async () => {
    const { env } = emptyFolder();
    const hub = await startHub(answerStatus(404));
    const proxy = await startProxy(hub.url);
    const elsewhere = { ...env, HF_ENDPOINT: 'http://hub.invalid', HTTP_PROXY: proxy.url };
    const pulled = await runCli(['models', 'pull', 'small'], elsewhere);
    expect(pulled.stderr).toContain('the server answers 404');
    expect(proxy.asked).toEqual(['hub.invalid:80']);
  });

  test('pull of a name that nobody knows ends with 1', async () => {
    const { code, stderr } = await runCli(['models', 'pull', 'huge']);
    expect(code).toBe(1);
    expect(stderr).toContain('models list');
  });

  test.skipIf(!existsSync(join(packageRoot, '.git')))(
    'pull restores an embedded model that is damaged',
    async () => {
      const { env, dir } = emptyFolder();
      const file = 'ggml-silero-v6.2.3.bin';
      copyFileSync(join(packageRoot, 'models', file), join(dir, file));
      truncateSync(join(dir, file), 1_000);
      const pulled = await runCli(['models', 'pull', 'silero-v6.2.3'], env);
      expect(pulled).toMatchObject({ code: 0, stdout: expect.stringContaining('was restored') });
      expect((await runCli(['models', 'verify'], env)).code).toBe(0);
    },
  );
});
