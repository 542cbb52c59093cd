import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import { checkSession } from '../support/check-session.js';
import { jfkAs, jfkMp3 } from '../support/jfk.js';
import { childrenRunning } from '../support/processes.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';
import { errorOf, postForm } from '../support/upload.js';

/** `CHAOS_RUNS=5000 npm test -- container-fuzz` looks further. */
const runs = Number(process.env.CHAOS_RUNS ?? 40);
const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);

/** What is done to the bytes of a real file. */
const damage = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('flip' as const),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      value: fc.integer({ min: 0, max: 255 }),
    }),
    fc.record({
      kind: fc.constant('cut' as const),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      value: fc.integer({ min: 1, max: 5_000 }),
    }),
    fc.record({
      kind: fc.constant('repeat' as const),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      value: fc.integer({ min: 1, max: 5_000 }),
    }),
    fc.record({
      kind: fc.constant('end' as const),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      value: fc.constant(0),
    }),
    // Headers are where decoders believe what they read.
    fc.record({
      kind: fc.constant('flip' as const),
      at: fc.double({ min: 0, max: 0.01, noNaN: true }),
      value: fc.integer({ min: 0, max: 255 }),
    }),
  ),
  { minLength: 1, maxLength: 12 },
);

type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function damaged(file: Buffer, damages: Damage): Buffer {
  let bytes = Buffer.from(file);
  for (const { kind, at, value } of damages) {
    const index = Math.floor(at * (bytes.length - 1));
    if (kind === 'flip' && bytes.length > 0) bytes[index] = value;
    if (kind === 'cut')
      bytes = Buffer.concat([bytes.subarray(0, index), bytes.subarray(index + value)]);
    if (kind === 'repeat')
      bytes = Buffer.concat([bytes.subarray(0, index + value), bytes.subarray(index)]);
    if (kind === 'end') bytes = bytes.subarray(0, index);
  }
  return bytes;
}

/** Of containers that people send. */
const outputs: Readonly<Record<string, readonly string[]>> = {
  webm: ['-c:a', 'libopus', '-f', 'webm'],
  ogg: ['-c:a', 'libvorbis', '-f', 'ogg'],
  wav: ['-f', 'wav'],
  flac: ['-f', 'flac'],
  mp4: ['-c:a', 'aac', '-movflags', 'frag_keyframe+empty_moov', '-f', 'mp4'],
};

test.each(['mp3', ...Object.keys(outputs)])(
  'a damaged %s is transcribed as far as it goes, or refused with a code',
  async (kind) => {
    const file = outputs[kind] ? await jfkAs(...outputs[kind]) : jfkMp3;
    const engine = new ScriptedEngine({ script: (window) => spokenThrough(window, 'hello') });
    const gateway = await startGateway({}, { engine });
    await fc.assert(
      fc.asyncProperty(damage, fc.boolean(), async (damages, live) => {
        const bytes = damaged(file, damages);
        if (live) {
          const client = await StreamClient.connect(gateway.url);
          client.send({ type: 'start_transcription' });
          await client.sendAudio(bytes, 8_192);
          if (!client.closed) await client.stop();
          checkSession(client);
          const [end] = [
            ...client.all('transcription_stopped'),
            ...client.all('transcription_failed'),
          ];
          expect(end, JSON.stringify(client.events)).toBeDefined();
          return;
        }
        const answer = await postForm(gateway, [
          ['model', 'whisper-1'],
          ['file', new File([bytes], `a.${kind}`)],
        ]);
        const body = await answer.text();
        if (answer.status === 200) return;
        expect([400, 413, 415, 422], body).toContain(answer.status);
        expect(errorOf({ body }).code).toMatch(/^[a-z_]+$/);
      }),
      { numRuns: Math.ceil(runs / (1 + Object.keys(outputs).length)), seed },
    );
    await expect.poll(() => childrenRunning('ffmpeg')).toEqual([]);
    await expect.poll(() => gateway.health().sessions).toBe(0);
  },
  120_000 + runs * 500,
);
