import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ScriptedEngine, spoken } from '../../src/engine/index.js';
import { transcriptFormats } from '../../src/transcript/index.js';
import { jfkMp3 } from '../support/jfk.js';
import { createJob, endedJob, getJob, resultOf } from '../support/jobs-client.js';
import { startGateway } from '../support/start-gateway.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const clip = { name: 'jfk.mp3', bytes: jfkMp3 };
const rules = { replacements: [{ from: 'my fellow', to: 'dear' }], mask: { words: ['country'] } };

function engine(): ScriptedEngine {
  return new ScriptedEngine({
    script: () =>
      spoken([
        ['my', 0, 200],
        ['fellow', 200, 500],
        ['country', 500, 900],
      ]),
  });
}

function profilesIn(folder: string, profiles: object): string {
  const path = join(folder, 'profiles.json');
  writeFileSync(path, JSON.stringify({ profiles }));
  return path;
}

test('every format has the words as they are to be shown', async () => {
  const { url } = await startGateway({}, { engine: engine() });
  const { id } = await createJob(url, clip, { post_processing: JSON.stringify(rules) });
  const { options } = await endedJob(url, id);
  expect(options.post_processing).toEqual({
    ...rules,
    mask: { words: ['country'], style: 'letters' },
  });
  for (const format of transcriptFormats) {
    const text = await resultOf(url, id, `${format}&words=true`);
    expect(text, format).toContain('dear c******');
    expect(text, format).not.toMatch(/my|fellow|country/);
  }
});

test('rules may come as fields of their own, as some clients send objects', async () => {
  const { url } = await startGateway({}, { engine: engine() });
  const { id } = await createJob(url, clip, { 'post_processing[formatting]': 'sentences' });
  await endedJob(url, id);
  expect(await resultOf(url, id)).toBe('My fellow country\n');
});

test('a job keeps the rules that it was created with, whatever becomes of the profile', async () => {
  const dataDir = temporaryFolder();
  const folder = temporaryFolder();
  const before = profilesIn(folder, { default: rules, plain: { formatting: 'plain' } });
  const first = await startGateway({ dataDir, postProcessingFile: before }, { engine: engine() });
  const ids: string[] = [];
  for (const fields of [{}, { post_processing: '{"profile": "plain"}' }]) {
    const { id } = await createJob(first.url, clip, fields);
    await endedJob(first.url, id);
    ids.push(id);
  }
  const results = (url: string) => Promise.all(ids.map((id) => resultOf(url, id)));
  const texts = await results(first.url);
  expect(texts).toEqual(['dear c******\n', 'my fellow country\n']);
  expect((await getJob(first.url, ids[0] as string)).options.post_processing).toBeNull();
  await first.close();

  const after = profilesIn(folder, { default: { formatting: 'sentences' } });
  const { url } = await startGateway({ dataDir, postProcessingFile: after }, { engine: engine() });
  expect(await results(url)).toEqual(texts);
  const now = await createJob(url, clip);
  await endedJob(url, now.id);
  expect(await resultOf(url, now.id)).toBe('My fellow country\n');
});
