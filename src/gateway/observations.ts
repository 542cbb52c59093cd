import { type Config, version } from '../config/index.js';
import type { Engine, VoiceActivityProcess } from '../engine/index.js';
import type { InferenceHosts } from '../hosts/index.js';
import type { Health, Stats } from '../http/index.js';
import type { JobSource } from '../jobs/index.js';
import type { MemoryBudget, ModelManager } from '../models/index.js';
import type { RecordingService } from '../recording/index.js';
import type { Rooms } from '../rooms/index.js';
import type { HypothesisCache, Scheduler } from '../scheduler/index.js';
import type { SessionRegistry } from '../session/index.js';
import type { SpeechService } from '../speech/index.js';
import type { Metrics, RecentErrors } from '../telemetry/index.js';
import { deviceMemory } from './device-memory.js';
import { hostMetrics, hostStats } from './host-stats.js';
import { memoryStats, modelStats } from './model-stats.js';

const tooMuch = 'There is as much to do as can be done in time, or more: new sessions are refused.';

/** What is looked at. */
interface Observed {
  readonly engine: Engine;
  readonly models: ModelManager;
  readonly budget: MemoryBudget;
  readonly hosts: InferenceHosts | null;
  readonly voiceActivity: VoiceActivityProcess;
  readonly registry: SessionRegistry;
  readonly rooms: Rooms;
  readonly speech: SpeechService;
  readonly jobs: JobSource;
  readonly recordings: RecordingService;
  readonly metrics: Metrics;
  readonly errors: RecentErrors;
  readonly scheduler: Scheduler;
  readonly overloaded: () => boolean;
  readonly cache: HypothesisCache | null;
}

/** What a gateway says of itself, gathered when somebody asks. */
export function observations(
  config: Config,
  {
    engine,
    models,
    budget,
    hosts,
    voiceActivity,
    registry,
    rooms,
    speech,
    jobs,
    recordings,
    metrics,
    errors,
    scheduler,
    overloaded,
    cache,
  }: Observed,
) {
  const health = (): Health => {
    const able = engine.ready && voiceActivity.problem === null;
    const problems = [...engine.notes, ...(voiceActivity.problem ? [voiceActivity.problem] : [])];
    const well = able && problems.length === 0;
    const notes = overloaded() ? [...problems, tooMuch] : problems;
    return {
      status: registry.draining ? 'draining' : well ? 'ok' : 'degraded',
      version,
      ...engine.info,
      ready: able && !registry.draining,
      slots: scheduler.concurrency,
      hosts: hosts?.all.filter(({ usable }) => usable).length ?? null,
      notes,
      sessions: registry.size,
      max_connections: config.maxConnections,
    };
  };
  const readMetrics = async () => {
    for (const { device, used_bytes, total_bytes } of await deviceMemory(engine)) {
      metrics.deviceMemoryUsed.set({ device }, used_bytes);
      metrics.deviceMemoryTotal.set({ device }, total_bytes);
    }
    metrics.ready.set(health().ready ? 1 : 0);
    metrics.sessions.set(registry.size);
    metrics.maxSessions.set(config.maxConnections);
    const { p50 = 0, p95 = 0, max = 0 } = registry.stats.lag_ms ?? {};
    for (const [quantile, ms] of Object.entries({ 0.5: p50, 0.95: p95, 1: max })) {
      metrics.lagSeconds.set({ quantile }, ms / 1000);
    }
    if (hosts) hostMetrics(metrics, hosts);
    metrics.workers.set({ worker: 'inference' }, engine.workerPids.length);
    metrics.workers.set({ worker: 'voice_activity' }, voiceActivity.pid === null ? 0 : 1);
    metrics.workers.set({ worker: 'speech' }, speech.processes);
    metrics.detached.set(registry.detached);
    metrics.rooms.set(rooms.size);
    metrics.roomViewers.set(rooms.viewers);
    metrics.slots.set(scheduler.concurrency);
    metrics.activeSlots.set(scheduler.active);
    metrics.modelsLoaded.set(models.engines.length);
    metrics.modelUsers.set(models.status.reduce((sum, { users }) => sum + users, 0));
    metrics.modelMemory.set(budget.usedBytes);
    metrics.modelMemoryBudget.set(budget.totalBytes);
    metrics.speechActive.set(speech.active);
    for (const [state, count] of Object.entries(jobs.counts ?? {}))
      metrics.jobs.set({ state }, count);
    for (const [lane, count] of Object.entries(scheduler.waiting))
      metrics.queue.set({ lane }, count);
    return metrics.registry.metrics();
  };
  const stats = async (): Promise<Stats> => ({
    ...scheduler.stats,
    cache: cache && { entries: cache.entries, bytes: cache.bytes },
    devices: await deviceMemory(engine),
    models: models.status.map(modelStats),
    memory: memoryStats(budget, models),
    hosts: hosts?.all.map(hostStats) ?? null,
    switches: models.switches,
    restarts: engine.restarts,
    sessions: registry.stats,
    transcriptions: recordings.size,
    jobs: jobs.counts,
    errors: errors.list,
  });
  return { health, readMetrics, stats };
}
