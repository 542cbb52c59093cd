import OpenAI from 'openai';
import type { TranscriptionStreamEvent } from 'openai/resources/audio/transcriptions';
import type { TranslationVerbose } from 'openai/resources/audio/translations';
import { describe, expect, test } from 'vitest';
import { jfkText } from '../support/jfk.js';
import { jfkFile, openAiClient } from '../support/openai-client.js';
import { startGateway } from '../support/start-gateway.js';
import { countErrors } from '../support/word-error-rate.js';

function expectClip(text: string): void {
  expect(countErrors(jfkText, text).edits, text).toBeLessThanOrEqual(2);
}

async function start() {
  return openAiClient(await startGateway());
}

describe("OpenAI's client for Node", () => {
  test('gets every format', async () => {
    const client = await start();
    const create = client.audio.transcriptions.create.bind(client.audio.transcriptions);
    const json = await create({ file: jfkFile(), model: 'whisper-1' });
    expectClip(json.text);
    expect(json).toEqual({ text: json.text, usage: { type: 'duration', seconds: 11 } });

    const text = await create({ file: jfkFile(), model: 'whisper-1', response_format: 'text' });
    expect(text).toBe(`${json.text}\n`);

    const unknown = create({ file: jfkFile(), model: 'whisper-1', language: 'xx' });
    await expect(unknown).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    await expect(unknown).rejects.toMatchObject({ code: 'unknown_language' });

    const srt = await create({ file: jfkFile(), model: 'whisper-1', response_format: 'srt' });
    expect(srt).toMatch(/^1\n00:00:00,\d{3} --> 00:00:\d\d,\d{3}\nAnd so/);

    const vtt = await create({ file: jfkFile(), model: 'whisper-1', response_format: 'vtt' });
    expect(vtt).toMatch(/^WEBVTT\n\n00:00:00\.\d{3} --> 00:00:\d\d\.\d{3}\nAnd so/);
  });

  test('gets words, segments or both of verbose_json', async () => {
    const client = await start();
    const verbose = (timestamp_granularities?: ('word' | 'segment')[]) =>
      client.audio.transcriptions.create({
        file: jfkFile(),
        model: 'base-q8_0',
        language: 'en',
        response_format: 'verbose_json',
        ...(timestamp_granularities && { timestamp_granularities }),
      });
    const plain = await verbose();
    expectClip(plain.text);
    expect(plain).toMatchObject({
      task: 'transcribe',
      language: 'english',
      duration: 11,
      usage: { type: 'duration', seconds: 11 },
    });
    expect(plain.words).toBeUndefined();
    for (const segment of plain.segments ?? []) {
      expect(segment).toEqual({
        id: expect.any(Number),
        seek: expect.any(Number),
        start: expect.any(Number),
        end: expect.any(Number),
        text: expect.stringMatching(/\S/),
        tokens: [],
        temperature: expect.any(Number),
        avg_logprob: expect.any(Number),
        compression_ratio: expect.any(Number),
        no_speech_prob: expect.any(Number),
      });
    }
    expectClip((plain.segments ?? []).map(({ text }) => text).join(' '));

    const words = await verbose(['word']);
    expectClip((words.words ?? []).map(({ word }) => word).join(' '));
    expect(words.segments).toBeUndefined();
    let lastEnd = 0;
    for (const { start, end } of words.words ?? []) {
      expect(start).toBeGreaterThanOrEqual(lastEnd - 0.1);
      expect(end).toBeGreaterThanOrEqual(start);
      lastEnd = end;
    }

    const both = await verbose(['word', 'segment']);
    expect(both).toMatchObject({ words: words.words, segments: plain.segments });
  });

  test('gets a probability for each token of the text', async () => {
    const client = await start();
    const { text, logprobs = [] } = await client.audio.transcriptions.create({
      file: jfkFile(),
      model: 'whisper-1',
      include: ['logprobs'],
    });
    expect(logprobs.map(({ token }) => token).join('')).toBe(text);
    for (const { token, bytes, logprob } of logprobs) {
      expect(Buffer.from(bytes ?? []).toString()).toBe(token);
      expect(logprob).toBeLessThanOrEqual(0);
      expect(logprob).toBeGreaterThan(-14);
    }
  });

  test('streams deltas, segments and what it took', async () => {
    const client = await start();
    const stream = await client.audio.transcriptions.create({
      file: jfkFile(),
      model: 'whisper-1',
      stream: true,
      include: ['logprobs'],
      chunking_strategy: { type: 'server_vad', threshold: 0.4 },
    });
    const events: TranscriptionStreamEvent[] = [];
    for await (const event of stream) events.push(event);
    const deltas = events.filter((event) => event.type === 'transcript.text.delta');
    const segments = events.filter((event) => event.type === 'transcript.text.segment');
    const done = events.at(-1);
    if (done?.type !== 'transcript.text.done') throw new Error('the last event is another');
    expectClip(done.text);
    expect(deltas.map(({ delta }) => delta).join('')).toBe(done.text);
    expect(deltas.flatMap(({ logprobs }) => logprobs)).toEqual(done.logprobs);
    expectClip(segments.map(({ text }) => text).join(' '));
    expect(segments[0]).toMatchObject({ id: 'seg_0', speaker: 'A', start: expect.any(Number) });
    expect(done.usage).toMatchObject({ type: 'tokens', input_tokens: 110 });
    expect(done.usage?.total_tokens).toBe(110 + (done.usage?.output_tokens ?? 0));
  });

  test('has speech translated', async () => {
    const client = await start();
    const { text } = await client.audio.translations.create({
      file: jfkFile(),
      model: 'whisper-1',
    });
    expectClip(text);
    // The client's types take this format for json.
    const verbose = (await client.audio.translations.create({
      file: jfkFile(),
      model: 'whisper-1',
      response_format: 'verbose_json',
    })) as TranslationVerbose;
    expect(verbose).toMatchObject({ task: 'translate', language: 'english', duration: 11 });
    expect(verbose.segments?.length).toBeGreaterThan(0);
  });

  test('lists models', async () => {
    const client = await start();
    const { data } = await client.models.list();
    expect(data.map(({ id }) => id)).toEqual(['base-q8_0', 'whisper-1', 'espeak-ng', 'tts-1']);
    expect(await client.models.retrieve('whisper-1')).toEqual({
      id: 'whisper-1',
      object: 'model',
      created: expect.any(Number),
      owned_by: 'whisper-gateway',
      purpose: 'transcription',
      loaded: true,
      default: true,
      languages: 99,
      alias_of: 'base-q8_0',
    });
    await expect(client.models.retrieve('gpt-5')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });

  test('raises its own errors', async () => {
    const gateway = await startGateway({ apiKey: 'right', maxUploadBytes: 50_000 });
    const client = openAiClient(gateway, 'right');
    const fail = (given: object, with_ = client) =>
      with_.audio.transcriptions
        .create({ file: jfkFile(), model: 'whisper-1', ...given })
        .then(() => null)
        .catch((error: unknown) => error);

    const text = new File(['This is no audio, but text.'], 'speech.mp3');
    const wrongKey = await fail({}, openAiClient(gateway, 'wrong'));
    expect(wrongKey).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(wrongKey).toMatchObject({ status: 401, code: 'invalid_api_key' });

    const tooLarge = await fail({});
    expect(tooLarge).toMatchObject({ status: 413, code: 'upload_too_large', param: 'file' });
    expect(String(tooLarge)).toContain('MAX_UPLOAD_BYTES, 50000 bytes');

    const noModel = await fail({ file: text, model: 'gpt-5' });
    expect(noModel).toBeInstanceOf(OpenAI.NotFoundError);
    expect(noModel).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
    expect(String(noModel)).toContain('base-q8_0, whisper-1');

    const notAudio = await fail({ file: text });
    expect(notAudio).toMatchObject({
      status: 415,
      code: 'not_audio',
      type: 'invalid_request_error',
    });
    expect(await fail({ file: text, stream: true })).toMatchObject({
      status: 415,
      code: 'not_audio',
    });

    const wrongFormat = await fail({ file: text, response_format: 'docx' });
    expect(wrongFormat).toBeInstanceOf(OpenAI.BadRequestError);
    expect(wrongFormat).toMatchObject({ status: 400, code: 'bad_field', param: 'response_format' });
  });
});
