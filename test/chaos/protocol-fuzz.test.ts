import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import { clientMessageTypes, closeCodes } from '../../src/protocol/index.js';
import { checkSession } from '../support/check-session.js';
import { startGateway } from '../support/start-gateway.js';
import { StreamClient } from '../support/stream-client.js';

/** `CHAOS_RUNS=20000 npm test -- protocol-fuzz` looks further. */
const runs = Number(process.env.CHAOS_RUNS ?? 300);
const knownCodes = new Set<number>(Object.values(closeCodes));

/** Nearly a message: the right names with any values, or any names. */
const message = fc.oneof(
  fc.json(),
  fc
    .record(
      {
        type: fc.oneof(fc.constantFrom(...clientMessageTypes), fc.string()),
        audio: fc.oneof(
          fc.record({
            format: fc.constantFrom('auto', 'pcm_s16le', 'pcm_f32le', 'mulaw', 'webm', 'x'),
          }),
          fc.jsonValue(),
        ),
        language: fc.oneof(fc.constantFrom('en', 'auto', 'zz'), fc.jsonValue()),
        prompt: fc.string({ unit: 'binary' }),
        hotwords: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
        endpoint_ms: fc.oneof(fc.integer(), fc.jsonValue()),
        room: fc.string(),
        speaker: fc.string({ unit: 'binary' }),
        resumable: fc.oneof(fc.boolean(), fc.jsonValue()),
        resume: fc.oneof(
          fc.record({ session_id: fc.string(), last_seq: fc.integer() }),
          fc.jsonValue(),
        ),
        id: fc.jsonValue(),
      },
      { requiredKeys: ['type'] },
    )
    .map((fields) => JSON.stringify(fields)),
  fc.string({ unit: 'binary' }),
);

const frame = fc.oneof(
  message.map((text) => ({ text })),
  fc.uint8Array({ maxLength: 4_000 }).map((bytes) => ({ bytes })),
  // Otherwise hardly anything would be said behind a start.
  fc.constant({ text: '{"type":"start_transcription","audio":{"format":"pcm_s16le"}}' }),
  fc.constant({ text: '{"type":"stop_transcription"}' }),
);

test(
  'whatever is sent, the answer is an event of the protocol or a close that says why',
  async () => {
    const engine = new ScriptedEngine({ script: (window) => spokenThrough(window, 'hello') });
    const gateway = await startGateway({}, { engine });
    const codes = new Set<number>();
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 12 }), async (frames) => {
        const client = await StreamClient.connect(gateway.url);
        for (const part of frames) {
          if (client.closed) break;
          client.socket.send('text' in part ? part.text : part.bytes);
        }
        // Answered behind all of that, unless the connection was closed for it.
        if (!client.closed) client.send({ type: 'ping', id: 'last' });
        await client.until(
          () => client.closed !== undefined || client.all('pong').some(({ id }) => id === 'last'),
        );
        client.socket.terminate();
        if (client.closed) codes.add(client.closed.code);
        checkSession(client);
        const failure = client.all('transcription_failed').find(({ fatal }) => fatal);
        if (failure) expect(failure.message).not.toMatch(/\bat .+:\d+|node:|undefined/);
      }),
      { numRuns: runs, seed: Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000) },
    );
    expect([...codes].filter((code) => !knownCodes.has(code))).toEqual([]);
    // Nobody is left behind, and it still works.
    await expect.poll(() => gateway.health().sessions).toBe(0);
    const last = await StreamClient.connect(gateway.url);
    await last.start({ audio: { format: 'pcm_s16le' } });
    await last.stop();
    expect(last.closed?.code).toBe(1000);
  },
  60_000 + runs * 200,
);
