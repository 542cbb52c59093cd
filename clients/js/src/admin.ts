import type { Endpoint } from './endpoint.js';
import { requestJson } from './request.js';

/** What the gateway tells of itself; its docs/operations.md says what each field means. */
export interface Stats {
  readonly max_concurrent: number;
  readonly active_tasks: number;
  readonly total_tasks: number;
  readonly failed_tasks: number;
  readonly oom_errors: number;
  /** 0 … 1. */
  readonly success_rate: number;
  readonly slots: number | 'auto';
  readonly lanes: Readonly<Record<'final' | 'partial' | 'batch', LaneStats>>;
  readonly devices: readonly DeviceMemory[];
  readonly models: readonly ModelStats[];
  readonly memory: {
    readonly budget_bytes: number;
    readonly used_bytes: number;
    readonly voices: readonly { readonly model: string; readonly memory_bytes: number }[];
  };
  readonly switches: number;
  readonly restarts: number;
  readonly sessions: {
    readonly open: number;
    readonly detached: number;
    readonly lag_ms: { readonly p50: number; readonly p95: number; readonly max: number } | null;
    readonly listed: readonly SessionStats[];
  };
  readonly transcriptions: number;
  readonly jobs: { readonly queued: number; readonly running: number } | null;
  readonly errors: readonly RecentError[];
}

export interface LaneStats {
  readonly running: number;
  readonly waiting: number;
  readonly max_waiting: number;
  readonly longest_wait_ms: number;
  readonly wait_ms: { readonly p50: number; readonly p95: number; readonly p99: number } | null;
}

export interface DeviceMemory {
  readonly device: string;
  readonly used_bytes: number;
  readonly total_bytes: number;
}

export interface ModelStats {
  readonly model: string;
  readonly device: string | null;
  readonly state: 'loading' | 'loaded';
  readonly default: boolean;
  readonly users: number;
  readonly idle_ms: number | null;
  readonly memory_bytes: number;
}

export interface SessionStats {
  readonly session_id: string;
  readonly state: 'idle' | 'starting' | 'streaming' | 'draining' | 'detached' | 'stopped';
  readonly room: string | null;
  readonly speaker: string | null;
  readonly started_at: number | null;
  readonly language: string | null;
  readonly model: string | null;
  readonly rung: string | null;
  readonly received_ms: number;
  readonly lag_ms: number;
}

export interface RecentError {
  readonly at: number;
  readonly code: string;
  readonly session_id: string | null;
  readonly count: number;
}

export interface Draining {
  readonly draining: boolean;
  /** What is there still. */
  readonly sessions: number;
  readonly transcriptions: number;
}

/** What operators do. Every function throws a `ClientError` of the gateway. */
export interface Admin {
  stats(signal?: AbortSignal): Promise<Stats>;
  setSlots(slots: number | 'auto'): Promise<{ readonly max_concurrent: number }>;
  /** Resolves when the model is loaded, and new sessions get it. */
  switchModel(model: string): Promise<{ readonly model: string; readonly previous: string }>;
  loadModel(model: string): Promise<{ readonly model: string }>;
  unloadModel(model: string): Promise<{ readonly unloaded: boolean }>;
  /** Takes no new work from now on. */
  drain(): Promise<Draining>;
  /** Takes work again. */
  undrain(): Promise<Draining>;
}

export function createAdmin(endpoint: Endpoint): Admin {
  const ask = <T>(method: string, path: string, body?: object) =>
    requestJson<T>(endpoint, `/v1/admin/${path}`, {
      method,
      ...(body && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    });
  const of = (model: string, verb: string) => `models/${encodeURIComponent(model)}/${verb}`;
  return {
    stats: (signal) => requestJson(endpoint, '/v1/stats', signal ? { signal } : {}),
    setSlots: (slots) => ask('PUT', 'slots', { slots }),
    switchModel: (model) => ask('PUT', 'model', { model }),
    loadModel: (model) => ask('POST', of(model, 'load')),
    unloadModel: (model) => ask('POST', of(model, 'unload')),
    drain: () => ask('POST', 'drain'),
    undrain: () => ask('DELETE', 'drain'),
  };
}
