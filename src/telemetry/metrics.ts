import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Bounds in seconds, from a local answer to the longest file window. */
const secondsBuckets = [0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8, 13, 30, 60, 300];
/** Bounds in seconds for what is over at once, unless something is wrong. */
const shortBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Every metric of the gateway. `docs/metrics.md` is generated from this table.
 * Names end in their unit; times are converted to seconds here and nowhere else.
 */
export const metricTable = {
  ready: gauge('whisper_gateway_ready', '1 while it takes work, as /ready tells; else 0.'),
  sessions: gauge(
    'whisper_gateway_sessions',
    'Live sessions, those included that wait for their client.',
  ),
  maxSessions: gauge(
    'whisper_gateway_sessions_max',
    'Sessions that there may be: MAX_CONNECTIONS.',
  ),
  sessionsTotal: counter('whisper_gateway_sessions_total', 'Sessions that ended, by reason.', [
    'reason',
  ]),
  refused: counter(
    'whisper_gateway_refused_total',
    'Connections that were refused, by code.',
    ['code'],
    [{ code: 'too_many_connections' }, { code: 'overloaded' }],
  ),
  detached: gauge(
    'whisper_gateway_sessions_detached',
    'Sessions that wait for a client that was cut off.',
  ),
  resumes: counter(
    'whisper_gateway_resumes_total',
    'Clients that came back to their session, by outcome: resumed, moved (from another gateway) or unknown.',
    ['outcome'],
  ),
  resumeExpiries: counter(
    'whisper_gateway_resume_expiries_total',
    'Sessions whose client was cut off and did not come back.',
  ),
  sessionsUnkept: gauge(
    'whisper_gateway_sessions_unkept',
    '1 while sessions cannot be written down for other gateways, else 0; 0 also where there are none.',
  ),
  rooms: gauge(
    'whisper_gateway_rooms',
    'Rooms in which somebody speaks, or which somebody watches.',
  ),
  roomViewers: gauge('whisper_gateway_room_viewers', 'Connections that watch a room.'),
  viewersLagging: counter(
    'whisper_gateway_viewers_lagging_total',
    'Times that a viewer was too slow for every event, and was given a snapshot instead.',
  ),
  queue: gauge('whisper_gateway_queue_windows', 'Windows that wait for a slot, by lane.', ['lane']),
  slots: gauge('whisper_gateway_slots', 'Inferences that may run at the same time.'),
  activeSlots: gauge('whisper_gateway_slots_active', 'Inferences that run.'),
  windows: counter(
    'whisper_gateway_windows_total',
    'Windows that were settled, by outcome: done, or an error code, such as stale.',
    ['lane', 'outcome'],
  ),
  queueSeconds: histogram(
    'whisper_gateway_queue_wait_seconds',
    'Time a window waited for its first slot, by lane.',
    ['lane'],
  ),
  missedDeadlines: counter(
    'whisper_gateway_missed_deadlines_total',
    'Windows that waited for their first slot longer than the deadline of their lane, or never got one in it.',
    ['lane'],
  ),
  preemptions: counter(
    'whisper_gateway_preemptions_total',
    'Running windows that were aborted for a more urgent one, by their lane.',
    ['lane'],
  ),
  preemptedSeconds: counter(
    'whisper_gateway_preempted_seconds_total',
    'Time of inference that was lost with them.',
    ['lane'],
  ),
  retries: counter(
    'whisper_gateway_retries_total',
    'Windows that were tried again, by error code.',
    ['lane', 'code'],
  ),
  cacheLookups: counter(
    'whisper_gateway_cache_lookups_total',
    'Windows that were looked up among kept answers, by result: hit or miss.',
    ['result'],
  ),
  inferenceSeconds: histogram(
    'whisper_gateway_inference_seconds',
    'Time of one inference, by lane.',
    ['lane'],
  ),
  emissionSeconds: histogram(
    'whisper_gateway_emission_seconds',
    'Time from the end of a word to its being committed, on the clock of the audio.',
  ),
  finalSeconds: histogram(
    'whisper_gateway_final_seconds',
    'Time from the cut of a final window to its final event.',
  ),
  captions: counter(
    'whisper_gateway_captions_total',
    'Captions that were sent, by type and rung.',
    ['type', 'rung'],
  ),
  retractions: counter(
    'whisper_gateway_retractions_total',
    'Words that were shown and then taken back, by what they were: tentative or committed.',
    ['kind'],
  ),
  lagSeconds: gauge(
    'whisper_gateway_lag_seconds',
    'Audio that was received and is not answered yet, over the sessions that audio flows in: quantile 0.5, 0.95 and 1, the longest.',
    ['quantile'],
  ),
  decodeSeconds: histogram(
    'whisper_gateway_decode_seconds',
    'Time from audio coming in to the next samples taken from its decoder.',
    [],
    shortBuckets,
  ),
  receivedSeconds: counter(
    'whisper_gateway_audio_received_seconds_total',
    'Seconds of audio that were decoded.',
  ),
  shedSeconds: counter(
    'whisper_gateway_audio_shed_seconds_total',
    'Seconds of audio that were not transcribed, by code.',
    ['code'],
  ),
  sheds: counter(
    'whisper_gateway_sheds_total',
    'Finals whose audio could not be transcribed, by code; counted when that happens, not when the session ends.',
    ['code'],
  ),
  ledgerImbalances: counter(
    'whisper_gateway_ledger_imbalances_total',
    'Sessions whose ledger did not sum up to the audio that was received. Stays 0, unless the gateway has a defect.',
  ),
  httpRequests: counter(
    'whisper_gateway_http_requests_total',
    'HTTP requests that were answered, by route and status; what matches no route is the route "none".',
    ['method', 'route', 'status'],
  ),
  speechRequests: counter(
    'whisper_gateway_speech_requests_total',
    'Texts that were spoken, or were not, by model and outcome.',
    ['model', 'outcome'],
  ),
  speechSeconds: counter(
    'whisper_gateway_speech_audio_seconds_total',
    'Seconds of speech that were made, by model.',
    ['model'],
  ),
  speechCharacters: counter(
    'whisper_gateway_speech_characters_total',
    'Characters of texts that were spoken to the end, by model.',
    ['model'],
  ),
  speechFirstBytesSeconds: histogram(
    'whisper_gateway_speech_first_bytes_seconds',
    'Time from a request to the first bytes of its speech.',
  ),
  speechActive: gauge('whisper_gateway_speech_active', 'Texts that are being spoken.'),
  jobs: gauge('whisper_gateway_jobs', 'Jobs that wait or run, by state.', ['state']),
  jobsTotal: counter('whisper_gateway_jobs_total', 'Jobs that ended, by state.', ['state']),
  webhooksTotal: counter(
    'whisper_gateway_webhooks_total',
    'Webhooks that were settled, by outcome: delivered or given_up.',
    ['outcome'],
  ),
  workers: gauge(
    'whisper_gateway_workers',
    'Child processes that compute, by kind: inference, voice_activity, or speech for neural voices.',
    ['worker'],
  ),
  hosts: gauge(
    'whisper_gateway_hosts',
    'Inference hosts that this gateway hears of, by state: serving, draining, or avoided for the moment. None where its own machine computes.',
    ['state'],
  ),
  hostSlots: gauge('whisper_gateway_host_slots', 'Slots of an inference host.', ['host']),
  hostWindows: gauge(
    'whisper_gateway_host_windows',
    'Windows at an inference host, of all gateways: running, or waiting for one of its slots.',
    ['host', 'state'],
  ),
  hostsLost: counter(
    'whisper_gateway_hosts_lost_total',
    'Inference hosts that were lost, by reason: gone, silent, or connected anew; or disconnected, where this gateway lost NATS.',
    ['reason'],
    ['gone', 'silent', 'reconnected', 'disconnected'].map((reason) => ({ reason })),
  ),
  hostDelaySeconds: histogram(
    'whisper_gateway_host_delay_seconds',
    'Time that a window took at an inference host beyond its inference: on the way, and waiting for its turn.',
    [],
    shortBuckets,
  ),
  ffmpegChildren: gauge('whisper_gateway_ffmpeg_children', 'ffmpeg processes that run.'),
  workerRestarts: counter(
    'whisper_gateway_worker_restarts_total',
    'Workers that died and were replaced, by kind.',
    ['worker'],
  ),
  oomErrors: counter(
    'whisper_gateway_oom_errors_total',
    'Tries of windows that ran out of memory, those included that a later try made good.',
    ['lane'],
  ),
  deviceMemoryUsed: gauge(
    'whisper_gateway_device_memory_used_bytes',
    'Memory taken: on the CPU by the gateway and its processes, on a GPU by everybody.',
    ['device'],
  ),
  deviceMemoryTotal: gauge(
    'whisper_gateway_device_memory_total_bytes',
    'Memory that there is, by device: cpu, gpu0 and so on.',
    ['device'],
  ),
  memorySteps: counter(
    'whisper_gateway_memory_steps_total',
    'Steps taken down for want of memory, and back up, by what was given up.',
    ['step', 'direction'],
  ),
  modelLoads: counter(
    'whisper_gateway_model_loads_total',
    'Models that were loaded, or could not be, by outcome: done, or an error code.',
    ['outcome'],
  ),
  modelLoadSeconds: histogram(
    'whisper_gateway_model_load_seconds',
    'Time to load a model, its check and its first inference included.',
  ),
  modelUnloads: counter(
    'whisper_gateway_model_unloads_total',
    'Models that were unloaded, by reason: idle, memory (others needed it), switch, request or closed.',
    ['reason'],
  ),
  modelSwitches: counter(
    'whisper_gateway_model_switches_total',
    'Times that another model was made the default.',
  ),
  modelSwitchSeconds: histogram(
    'whisper_gateway_model_switch_seconds',
    'Time from the request for another default model until new sessions had it.',
  ),
  modelsLoaded: gauge('whisper_gateway_models_loaded', 'Models that are loaded.'),
  modelUsers: gauge(
    'whisper_gateway_model_users',
    'Sessions and files that keep a model loaded, over all models.',
  ),
  modelMemory: gauge(
    'whisper_gateway_model_memory_bytes',
    'Memory that loaded models and voices take, as it is estimated for the budget.',
  ),
  modelMemoryBudget: gauge(
    'whisper_gateway_model_memory_budget_bytes',
    'Memory that models and voices may take together.',
  ),
  breakerOpenings: counter(
    'whisper_gateway_breaker_openings_total',
    'Times that a worker failed so often that it was left alone for a while, by kind.',
    ['worker'],
  ),
} as const;

type Table = typeof metricTable;
type Instrument<T> = T extends { kind: 'counter' }
  ? Counter
  : T extends { kind: 'gauge' }
    ? Gauge
    : Histogram;

/** The metrics of one gateway, in a registry of their own. */
export type Metrics = { readonly [Name in keyof Table]: Instrument<Table[Name]> } & {
  readonly registry: Registry;
};

export function createMetrics(): Metrics {
  const registry = new Registry();
  const instruments: Record<string, Counter | Gauge | Histogram> = {};
  for (const [key, metric] of Object.entries(metricTable)) {
    const { name, help, labelNames } = metric;
    const options = { name, help, labelNames: [...labelNames], registers: [registry] };
    if (metric.kind === 'counter') {
      const made = new Counter(options);
      for (const labels of metric.known) made.inc(labels, 0);
      instruments[key] = made;
    } else if (metric.kind === 'gauge') instruments[key] = new Gauge(options);
    else instruments[key] = new Histogram({ ...options, buckets: [...metric.buckets] });
  }
  return { ...(instruments as unknown as Omit<Metrics, 'registry'>), registry };
}

/** @param known Labels that count from 0: who waits for an increase would not see the first one else. */
function counter(
  name: string,
  help: string,
  labelNames: readonly string[] = [],
  known: readonly Readonly<Record<string, string>>[] = [],
) {
  return { kind: 'counter', name, help, labelNames, known } as const;
}

function gauge(name: string, help: string, labelNames: readonly string[] = []) {
  return { kind: 'gauge', name, help, labelNames } as const;
}

function histogram(
  name: string,
  help: string,
  labelNames: readonly string[] = [],
  buckets: readonly number[] = secondsBuckets,
) {
  return { kind: 'histogram', name, help, labelNames, buckets } as const;
}
