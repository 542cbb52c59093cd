import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/config/index.js';
import { jfkPath, jfkText } from '../support/jfk.js';
import { pythonWithOpenAi } from '../support/python-openai.js';
import { sharedAudio } from '../support/shared-audio.js';
import { startGateway } from '../support/start-gateway.js';
import { countErrors } from '../support/word-error-rate.js';

const python = await pythonWithOpenAi();

// Beside the recordings there is a network, and its absence is a fault.
test.skipIf(!python && !sharedAudio)("OpenAI's client for Python is served", async () => {
  if (!python) throw new Error('python3 with the package openai could not be set up');
  const gateway = await startGateway();
  const script = join(packageRoot, 'test/fixtures/openai_client.py');
  const run = promisify(execFile)(python, [script, `${gateway.url}/v1`, jfkPath]);
  const said = JSON.parse((await run).stdout);
  const { json, text, srt, vtt, verbose, words, segments, deltas, done, translation } = said;
  for (const each of [json, verbose, words, segments, done, translation]) {
    expect(countErrors(jfkText, each).edits, each).toBeLessThanOrEqual(2);
  }
  expect(text).toBe(`${json}\n`);
  expect(srt).toMatch(/^1\n00:00:00,/);
  expect(vtt).toMatch(/^WEBVTT\n/);
  expect(deltas).toBe(done);
  expect(said).toMatchObject({
    duration: 11,
    logprobs: json,
    models: ['base-q8_0', 'whisper-1', 'espeak-ng', 'tts-1'],
    model: 'whisper-1',
    not_found: ['NotFoundError', 'model_not_found', 'model'],
    bad_request: ['BadRequestError', 'bad_field', 'temperature'],
    not_audio: ['APIStatusError', 'not_audio', null],
  });
  expect([...new Set(said.types)].sort()).toEqual([
    'transcript.text.delta',
    'transcript.text.done',
    'transcript.text.segment',
  ]);
});
