import { expect } from 'vitest';
import type { Caller } from '../../src/access/index.js';
import { createDecoderFactory } from '../../src/audio/index.js';
import { loadConfig } from '../../src/config/index.js';
import { type AudioWindow, ScriptedEngine, spokenThrough } from '../../src/engine/index.js';
import type { GatewayError } from '../../src/errors/index.js';
import { asHeard } from '../../src/post-processing/index.js';
import {
  clientMessageSchema,
  type ServerEvent,
  type StartTranscription,
} from '../../src/protocol/index.js';
import { Rooms } from '../../src/rooms/index.js';
import {
  AudioProcessor,
  type AudioProcessorDependencies,
  type RegistryClient,
  type Session,
  type SessionEnd,
  SessionRegistry,
  type SessionStore,
} from '../../src/session/index.js';
import { scriptedCaller } from './scripted-caller.js';

const log = { info() {}, warn() {}, error() {}, debug() {} };

/** Whoever is spoken to, without a socket. */
export class ScriptedClient implements RegistryClient {
  readonly caller: Caller;
  readonly events: ServerEvent[] = [];
  end: SessionEnd | undefined;
  readonly dismissals: string[] = [];

  constructor(caller = scriptedCaller()) {
    this.caller = caller;
  }

  send(text: string): void {
    this.events.push(JSON.parse(text) as ServerEvent);
  }

  repeat(texts: readonly string[]): void {
    for (const text of texts) this.send(text);
  }

  ended(end: SessionEnd): void {
    this.end = end;
  }

  takenOver(): void {
    this.dismissals.push('session_taken_over');
  }

  handedOver(): void {
    this.dismissals.push('server_draining');
  }

  dismiss(error: GatewayError): void {
    this.dismissals.push(error.code);
  }
}

/** Sessions in memory: speech is whatever is not 0, and each number heard is a word. */
export function scriptedSessions(
  options: Partial<ReturnType<typeof loadConfig>> = {},
  store: SessionStore | null = null,
  parts: Partial<Pick<AudioProcessorDependencies, 'leaseModel'>> = {},
) {
  const config = { ...loadConfig({}, {}), ...options };
  const engine = new ScriptedEngine({ slots: 4, script: (window) => numbersIn(window) });
  const outcomes: string[] = [];
  let places = 0;
  const rooms = new Rooms(config, () => outcomes.push('lagging'));
  const registry = new SessionRegistry(
    {
      openAudience: (id, { room, speaker }, startedAt) =>
        room ? rooms.speak(room, id, speaker ?? null, startedAt) : null,
      store,
      overloaded: () => false,
      onResumed: (outcome) => outcomes.push(outcome),
      onExpired: () => outcomes.push('expired'),
      connect: () => {
        places++;
        let left = false;
        return () => {
          if (!left) places--;
          left = true;
        };
      },
      createProcessor: (id, _caller, send) =>
        new AudioProcessor(
          id,
          {
            createDecoder: createDecoderFactory({
              ...config,
              ffmpeg: { path: 'none', version: 'none' } as never,
              onChild() {},
              log,
            }),
            createVoiceActivity: async () => ({
              probabilities: async (pcm) =>
                Float32Array.from({ length: pcm.length / 512 }, (_, frame) =>
                  pcm[frame * 512] === 0 ? 0.01 : 0.99,
                ),
              close: async () => {},
            }),
            submit: (window, signal, onStarted) => {
              onStarted?.();
              return engine.transcribe(window, signal);
            },
            metrics: {
              committed() {},
              endpointToFinal() {},
              decoded() {},
              retracted() {},
              shed() {},
              failed() {},
              unbalanced: () => expect.fail('a ledger does not balance'),
              stopped() {},
              shown() {},
            },
            postProcessing: () => asHeard,
            leaseModel: async () => ({ model: 'scripted', engine, release() {} }),
            log,
            ...parts,
          },
          { ...config, chunker: config },
          send,
        ),
    },
    config,
  );
  return { registry, rooms, engine, outcomes, places: () => places };
}

function numbersIn(window: AudioWindow) {
  const numbers = [...new Set(window.pcm)].filter((sample) => sample > 0);
  return spokenThrough(window, numbers.map((number) => `n${number}`).join(' '));
}

/** Utterances of one number each, 0.6 s long, with a second of silence behind them. */
export function numbers(count: number): Uint8Array {
  const pcm = new Int16Array(count * 25_600);
  for (let number = 0; number < count; number++) {
    pcm.fill(number + 1, number * 25_600, number * 25_600 + 9_600);
  }
  return new Uint8Array(pcm.buffer);
}

/** A start as it comes from a client. */
export function startMessage(fields: object = {}): StartTranscription {
  return clientMessageSchema.parse({
    type: 'start_transcription',
    audio: { format: 'pcm_s16le' },
    language: 'en',
    resumable: true,
    ...fields,
  }) as StartTranscription;
}

/** A session that was started, and its client. */
export async function startSession(registry: SessionRegistry, fields: object = {}) {
  const client = new ScriptedClient();
  const session = registry.open(client) as Session;
  session.start(startMessage(fields));
  const started = await eventually(() =>
    client.events.find((event) => event.type === 'transcription_started'),
  );
  return { client, session, token: started.resume_token ?? '' };
}

/** The value, as soon as there is one. */
export async function eventually<T>(value: () => T | undefined): Promise<T> {
  for (;;) {
    const found = value();
    if (found !== undefined) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
