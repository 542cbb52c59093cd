import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/config/index.js';
import type { VerboseTranscript } from '../../src/transcript/index.js';
import { jfkAs, jfkPath } from '../support/jfk.js';
import { reciter } from '../support/reciter.js';
import { runCli } from '../support/run-cli.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { errorOf, jfkUpload, postForm } from '../support/upload.js';

/** "And so, my fellow Americans, ask not what your country can do for you, ask what you can do …" */
const rules = {
  replacements: [
    { from: 'what you can do', to: 'how You May Serve' },
    { from: 'what your country can dance', to: 'never' },
    { from: 'fellow americans', to: 'Friends', language: 'en' },
  ],
  mask: { words: ['country'] },
};

function expectRules(text: string): void {
  expect(text).toMatch(/my Friends/i);
  expect(text).toMatch(/what your c\*{6} can do for you/i);
  expect(text).toMatch(/how You May Serve for your c\*{6}/);
  expect(text).not.toMatch(/fellow|americans|country|what you can do/i);
}

const page = readFileSync(join(packageRoot, 'docs/post-processing.md'), 'utf8');

/** The examples of the page in one language. */
function examples(language: string): string[] {
  const blocks = page.matchAll(/^```(\w+)\n(.*?)^```$/gms);
  return [...blocks].filter(([, name]) => name === language).map(([, , code]) => code ?? '');
}

describe('live', () => {
  const audio = { format: 'pcm_s16le', sample_rate: 16_000, channels: 1 };

  test('partials and finals follow the rules, and nothing that was committed is taken back', async () => {
    // No machine is too slow for partials of it.
    const gateway = await startGateway({}, { engine: reciter() });
    const client = await StreamClient.connect(gateway.url);
    await client.start({ audio, language: 'en', post_processing: rules });
    await client.sendAudio(await jfkAs(), 6_400, 64_000);
    await client.stop();
    expectRules(client.text);
    const partials = client.all('partial');
    expect(partials.some(({ committed }) => committed !== '')).toBe(true);
    for (const final of client.all('final')) {
      expect(final.words?.map(({ word }) => word).join(' ')).toBe(final.text);
      const shown = partials.filter(({ utterance_id }) => utterance_id === final.utterance_id);
      for (const [index, { committed, tentative }] of shown.entries()) {
        expect(final.text.startsWith(committed)).toBe(true);
        expect(committed.startsWith(shown[index - 1]?.committed ?? '')).toBe(true);
        expect(committed + tentative).not.toMatch(/country/i);
      }
    }
    const { ledger } = client.all('transcription_stopped')[0] ?? expect.fail();
    expect(ledger.shed_ms).toBe(0);
  });

  test('an unknown profile or field is refused, and the session goes on as before', async () => {
    const gateway = await startGateway();
    const client = await StreamClient.connect(gateway.url);
    client.send({ type: 'start_transcription', audio, post_processing: { profile: 'nobody' } });
    const failed = await client.next('transcription_failed');
    expect(failed).toMatchObject({ code: 'bad_field', fatal: false });
    expect(failed.message).toMatch(/profile "nobody"/);
    await client.start({ audio, language: 'en' });
    client.send({ type: 'configure', post_processing: { replace: [] } });
    await client.until(() => client.all('transcription_failed').length === 2);
    expect(client.all('transcription_failed')[1]?.message).toMatch(/post_processing.*"replace"/);
    client.send({ type: 'configure', post_processing: rules });
    await client.sendAudio(await jfkAs());
    await client.stop();
    expectRules(client.text);
  });
});

describe('files', () => {
  test('every format follows the rules, and deltas together are the text', async () => {
    const gateway = await startGateway({}, { engine: reciter() });
    const ask = (fields: Record<string, string>) =>
      postForm(gateway, [
        jfkUpload,
        ['model', 'whisper-1'],
        ['language', 'en'],
        ['post_processing', JSON.stringify(rules)],
        ...Object.entries(fields),
      ]);
    for (const response_format of ['text', 'srt', 'vtt']) {
      const text = await (await ask({ response_format })).text();
      const spoken = text.replace(/^(\d+|.*-->.*|WEBVTT)?\n/gm, '').replace(/\s+/g, ' ');
      expectRules(spoken);
    }
    const verbose = (await (
      await ask({ response_format: 'verbose_json', 'timestamp_granularities[]': 'word' })
    ).json()) as VerboseTranscript;
    expectRules(verbose.text);
    expectRules((verbose.words ?? []).map(({ word }) => word).join(' '));
    const events = (await (await ask({ stream: 'true' })).text())
      .split('\n\n')
      .filter((line) => line.startsWith('data: '))
      .map((line) => JSON.parse(line.slice(6)) as { type: string; delta?: string; text?: string });
    const done = events.at(-1);
    expectRules(done?.text ?? '');
    expect(events.map(({ delta = '' }) => delta).join('')).toBe(done?.text);
    const segments = events.filter(({ type }) => type === 'transcript.text.segment');
    expect(segments.map(({ text }) => text).join(' ')).toBe(done?.text);
  });

  test.each([
    ['{"formating": "plain"}', /^post_processing cannot be used: .*"formating"/],
    ['no JSON', /^post_processing cannot be used/],
    ['{"mask": {"words": [""]}}', /^post_processing\.mask\.words\.0 cannot be used/],
    ['{"profile": "nobody"}', /^There is no post-processing profile "nobody"/],
  ])('%s is refused', async (post_processing, message) => {
    const gateway = await startGateway({}, { engine: reciter() });
    const answer = await postForm(gateway, [
      jfkUpload,
      ['model', 'whisper-1'],
      ['post_processing', post_processing],
    ]);
    expect(answer.status).toBe(400);
    const error = errorOf({ body: await answer.text() });
    expect(error).toMatchObject({ code: 'bad_field', param: 'post_processing' });
    expect(error.message).toMatch(message);
  });
});

describe("the page's examples", () => {
  test('work as they stand: request, profiles and module', async () => {
    const folder = temporaryFolder();
    const [request, profiles] = examples('json');
    const [postProcessingFile, postProcessingModule] = [
      join(folder, 'profiles.json'),
      join(folder, 'hook.mjs'),
    ];
    writeFileSync(postProcessingFile, profiles ?? '');
    // What they know is not said in the clip; one more line shows that the module is asked.
    const [module = ''] = examples('js');
    writeFileSync(
      postProcessingModule,
      module.replace("['gatewhey'", "['fellow', 'dear'], ['gatewhey'"),
    );
    const settings = { postProcessingFile, postProcessingModule };
    const gateway = await startGateway(settings, { engine: reciter() });
    const ask = async (post_processing: string) =>
      (
        await postForm(gateway, [
          jfkUpload,
          ['model', 'whisper-1'],
          ['response_format', 'text'],
          ['post_processing', post_processing],
        ])
      ).text();
    expect(await ask(request ?? '')).toMatch(/^And so,? my dear Americans/i);
    expect(await ask('{"profile": "captions"}')).toMatch(/^And so,? my dear Americans/);
    expect(await ask('{"profile": "none"}')).toMatch(/my fellow Americans/i);
    expect(await ask('{"formatting": "plain"}')).toMatch(/^and so my dear americans ask not/);
  });
});

describe('the command line', () => {
  test('writes, masks and formats as it is told', async () => {
    const mask = join(temporaryFolder(), 'words.txt');
    writeFileSync(mask, 'country\r\n\nwhat you can do\n');
    const { code, stdout } = await runCli([
      ...['transcribe', '--language', 'en', '--formatting', 'plain', '--mask', mask],
      ...['--replace', 'my fellow=dear', '--replace', 'so=', jfkPath],
    ]);
    expect(code).toBe(0);
    const text = stdout.replace(/\s+/g, ' ');
    expect(text).toMatch(/^and dear americans/);
    expect(text).toMatch(/your c\*{6} can do for you/);
    expect(text).toMatch(/w\*{3} y\*{2} c\*{2} d\* for your c\*{6}/);
  });

  test.each([
    [['--replace', 'nothing'], /--replace takes FROM=TO, not "nothing"/],
    [['--mask', 'nowhere.txt'], /--mask: .*nowhere\.txt/],
    [['--profile', 'nobody'], /no post-processing profile "nobody"/],
    [['--formatting', 'loud'], /Allowed choices are none, sentences, plain/],
  ])('%j cannot be used', async (args, message) => {
    const { code, stderr } = await runCli(['transcribe', ...args, jfkPath]);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});
