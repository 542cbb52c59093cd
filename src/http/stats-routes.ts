import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { LaneStats, SchedulerStats } from '../scheduler/index.js';
import type { SessionFigures, SessionStats } from '../session/index.js';
import type { RecentError } from '../telemetry/index.js';
import { json, operation } from './openapi/index.js';

/** Memory of something that computes. */
export interface DeviceMemory {
  /** `cpu`, or `gpu0` and so on, as the addon counts them. */
  readonly device: string;
  /** Of the CPU's, what this gateway and its processes take; of a GPU's, what everybody takes. */
  readonly used_bytes: number;
  readonly total_bytes: number;
}

/** A speech model that is loaded, or is being loaded, and what it runs on. */
export interface LoadedModel {
  readonly model: string;
  /** Null until it is loaded, as `backend` is. */
  readonly device: string | null;
  readonly backend: string | null;
  readonly state: 'loading' | 'loaded';
  /** Whether sessions that name no model get it. */
  readonly default: boolean;
  /** Sessions and files that use it. */
  readonly users: number;
  /** How long nobody has used it; null while somebody does, or where it stays anyway. */
  readonly idle_ms: number | null;
  /** As it is estimated for the budget. */
  readonly memory_bytes: number;
}

/** The memory that models and voices share, as it is estimated. */
export interface ModelMemory {
  readonly budget_bytes: number;
  readonly used_bytes: number;
  /** Voices that are loaded. */
  readonly voices: readonly { readonly model: string; readonly memory_bytes: number }[];
}

/** A host that computes for this gateway, and maybe for others. */
export interface HostStats {
  /** Its machine and process. */
  readonly host: string;
  readonly version: string;
  /** `avoided` for the moment: it is down, had no room or did not answer. */
  readonly state: 'serving' | 'draining' | 'avoided';
  readonly device: string;
  readonly backend: string;
  readonly gpus: number;
  readonly slots: number;
  /** Windows of all gateways. */
  readonly running: number;
  readonly waiting: number;
  /** Windows of this gateway. */
  readonly own: number;
  readonly models: readonly { readonly model: string; readonly loaded: boolean }[];
  /** How often one of its workers had to be replaced. */
  readonly restarts: number;
  readonly notes: readonly string[];
}

/** What `/v1/stats` tells; read anew at every request. */
export interface Stats extends SchedulerStats {
  /** Answers that are kept for audio that comes again; null where that is off. */
  readonly cache: { readonly entries: number; readonly bytes: number } | null;
  readonly devices: readonly DeviceMemory[];
  readonly models: readonly LoadedModel[];
  readonly memory: ModelMemory;
  /** Where inference hosts compute; null where this machine does. */
  readonly hosts: readonly HostStats[] | null;
  /** How often another model was made the default. */
  readonly switches: number;
  /** How often an inference worker had to be replaced. */
  readonly restarts: number;
  readonly sessions: SessionStats;
  /** Uploaded files whose answer is still waited for. */
  readonly transcriptions: number;
  /** Null before anybody asked for jobs. */
  readonly jobs: { readonly queued: number; readonly running: number } | null;
  /** The newest first. */
  readonly errors: readonly RecentError[];
}

export interface StatsSource {
  readonly stats: () => Promise<Stats>;
}

const count = z.int().min(0);
const milliseconds = z.number().min(0);

const laneSchema: z.ZodType<LaneStats> = z.object({
  running: count,
  waiting: count,
  max_waiting: count.describe('the next one is refused with `queue_full`'),
  longest_wait_ms: milliseconds.describe('of those that wait now'),
  wait_ms: z
    .object({ p50: milliseconds, p95: milliseconds, p99: milliseconds })
    .nullable()
    .describe('of the latest 500 windows; null before the first one'),
});

const modelSchema: z.ZodType<LoadedModel> = z.object({
  model: z.string(),
  device: z.string().nullable().describe('null until it is loaded'),
  backend: z.string().nullable(),
  state: z.enum(['loading', 'loaded']),
  default: z.boolean().describe('whether sessions that name no model get it'),
  users: count.describe('sessions and files that use it'),
  idle_ms: milliseconds
    .nullable()
    .describe('how long nobody has used it; null while somebody does, or where it stays anyway'),
  memory_bytes: count.describe('as it is estimated for the budget'),
});

const memorySchema: z.ZodType<ModelMemory> = z
  .object({
    budget_bytes: count,
    used_bytes: count,
    voices: z.array(z.object({ model: z.string(), memory_bytes: count })),
  })
  .describe('what models and voices share, as it is estimated');

const hostSchema: z.ZodType<HostStats> = z.object({
  host: z.string().describe('its machine and process'),
  version: z.string(),
  state: z
    .enum(['serving', 'draining', 'avoided'])
    .describe('`avoided` for the moment: it is down, had no room or did not answer'),
  device: z.string(),
  backend: z.string(),
  gpus: count,
  slots: count,
  running: count.describe('windows of all gateways'),
  waiting: count,
  own: count.describe('windows of this gateway'),
  models: z.array(z.object({ model: z.string(), loaded: z.boolean() })),
  restarts: count.describe('workers that it had to replace'),
  notes: z.array(z.string()),
});

const sessionSchema: z.ZodType<SessionFigures> = z.object({
  session_id: z.string(),
  state: z
    .enum(['idle', 'starting', 'streaming', 'draining', 'detached', 'stopped'])
    .describe('`detached` waits for a client that was cut off'),
  room: z.string().nullable(),
  speaker: z.string().nullable(),
  started_at: count.nullable().describe('milliseconds since 1970; null before the start'),
  language: z
    .string()
    .nullable()
    .describe('a code, or `auto` until that is settled; null before the start'),
  model: z.string().nullable().describe('null until it is loaded'),
  rung: z.string().nullable().describe('how thoroughly what was shown last was decoded'),
  received_ms: count,
  lag_ms: count.describe('of audio that was received and is not answered yet'),
});

const sessionsSchema: z.ZodType<SessionStats> = z.object({
  open: count,
  detached: count.describe('those among them that wait for their client'),
  lag_ms: z
    .object({ p50: count, p95: count, max: count })
    .nullable()
    .describe('of those that audio flows in; null without any'),
  listed: z.array(sessionSchema).describe('the 100 that are furthest behind, or all of fewer'),
});

const errorSchema: z.ZodType<RecentError> = z.object({
  at: count.describe('milliseconds since 1970; of the last one where several came in a row'),
  code: z.string().describe('see errors.md'),
  session_id: z.string().nullable().describe('null where it befell no session of its own'),
  count: z.int().min(1).describe('how often it came in a row'),
});

const statsSchema: z.ZodType<Stats> = z.object({
  max_concurrent: count.describe('windows that may run at the same time'),
  active_tasks: count,
  total_tasks: count,
  failed_tasks: count.describe('their last try failed; not those given up on purpose'),
  oom_errors: count.describe('tries that ran out of memory'),
  success_rate: z.number().min(0).max(1).describe('done of done and failed'),
  slots: z.union([z.literal('auto'), count]),
  lanes: z.object({ final: laneSchema, partial: laneSchema, batch: laneSchema }),
  cache: z
    .object({ entries: count, bytes: count })
    .nullable()
    .describe('answers that are kept; null where that is off'),
  devices: z.array(z.object({ device: z.string(), used_bytes: count, total_bytes: count })),
  models: z.array(modelSchema),
  memory: memorySchema,
  hosts: z
    .array(hostSchema)
    .nullable()
    .describe('where inference hosts compute; null where this machine does'),
  switches: count.describe('how often another model was made the default'),
  restarts: count.describe('inference workers that were replaced'),
  sessions: sessionsSchema,
  transcriptions: count.describe('uploaded files whose answer is still waited for'),
  jobs: z
    .object({ queued: count, running: count })
    .nullable()
    .describe('null before anybody asked for jobs'),
  errors: z.array(errorSchema).describe('the latest 50, the newest first'),
});

const statsOperation = operation({
  scope: 'admin',
  tag: 'Operations',
  summary: 'Totals, lanes, memory, models, sessions and recent errors',
  description: 'A task is a window, 30 s of audio at most. Nothing that is said is told here.',
  answers: { 200: { description: 'Since the gateway started.', content: json(statsSchema) } },
});

/** `/v1/stats`: totals, every lane, memory, models, sessions and recent errors. */
export function statsRoutes(app: FastifyInstance, source: StatsSource): void {
  app.get('/v1/stats', statsOperation, async () => source.stats());
}
