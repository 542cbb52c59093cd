import { type Admin, createAdmin } from './admin.js';
import type { Endpoint } from './endpoint.js';
import { createJobs, type Jobs } from './jobs.js';
import { type LiveOptions, LiveSession } from './live-session.js';
import { requestJson } from './request.js';
import { RoomViewer } from './room-viewer.js';
import { type CreatedToken, createToken, type TokenRequest } from './tokens.js';
import {
  type FileTranscript,
  type TranscriptionEvent,
  type TranscriptionOptions,
  transcribe,
  transcribeStream,
} from './transcriptions.js';

export interface Model {
  readonly id: string;
  readonly purpose: 'transcription' | 'speech';
  /** Whether it answers at once; any other is loaded first. */
  readonly loaded: boolean;
  /** Whether it is used where no other is asked for. */
  readonly default: boolean;
}

export interface Health {
  readonly status: 'ok' | 'degraded' | 'draining';
  readonly version: string;
  readonly model: string;
  readonly device: string;
  readonly ready: boolean;
  /** What is not as it should be, in plain words. */
  readonly notes: readonly string[];
  /** Where sockets are opened; null where it is the gateway's own address. */
  readonly stream_url: string | null;
}

/** One gateway. Nothing is connected until something is asked for. */
export interface GatewayClient {
  /** A live session, not started yet. */
  live(options?: LiveOptions): LiveSession;
  /** Watches a room; connects at once. */
  watch(room: string): RoomViewer;
  transcribe(file: Blob, options?: TranscriptionOptions): Promise<FileTranscript>;
  transcribeStream(file: Blob, options?: TranscriptionOptions): AsyncGenerator<TranscriptionEvent>;
  models(): Promise<readonly Model[]>;
  health(): Promise<Health>;
  /** A short-lived token for less than the key may do, to hand to a browser. */
  createToken(request: TokenRequest): Promise<CreatedToken>;
  readonly jobs: Jobs;
  readonly admin: Admin;
}

export function createClient(endpoint: Endpoint): GatewayClient {
  return {
    live: (options = {}) => new LiveSession(endpoint, options),
    watch: (room) => new RoomViewer(endpoint, room),
    transcribe: (file, options) => transcribe(endpoint, file, options),
    transcribeStream: (file, options) => transcribeStream(endpoint, file, options),
    models: async () => (await requestJson<{ data: Model[] }>(endpoint, '/v1/models')).data,
    health: () => requestJson(endpoint, '/health'),
    createToken: (asked) => createToken(endpoint, asked),
    jobs: createJobs(endpoint),
    admin: createAdmin(endpoint),
  };
}
