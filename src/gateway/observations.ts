import { type Config, version } from '../config/index.js';
import type { Engine, VoiceActivityProcess } from '../engine/index.js';
import type { Health, Stats } from '../http/index.js';
import type { Jobs } from '../jobs/index.js';
import type { MemoryBudget, ModelManager } from '../models/index.js';
import type { Rooms } from '../rooms/index.js';
import type { HypothesisCache, Scheduler } from '../scheduler/index.js';
import type { SessionRegistry } from '../session/index.js';
import type { SpeechService } from '../speech/index.js';
import type { Metrics } from '../telemetry/index.js';
import { deviceMemory } from './device-memory.js';
import { memoryStats, modelStats } from './model-stats.js';

/** What is looked at. */
interface Observed {
  readonly engine: Engine;
  readonly models: ModelManager;
  readonly budget: MemoryBudget;
  readonly voiceActivity: VoiceActivityProcess;
  readonly registry: SessionRegistry;
  readonly rooms: Rooms;
  readonly speech: SpeechService;
  readonly jobs: Jobs;
  readonly metrics: Metrics;
  readonly scheduler: Scheduler;
  readonly cache: HypothesisCache | null;
}

/** What a gateway says of itself, gathered when somebody asks. */
export function observations(
  config: Config,
  {
    engine,
    models,
    budget,
    voiceActivity,
    registry,
    rooms,
    speech,
    jobs,
    metrics,
    scheduler,
    cache,
  }: Observed,
) {
  const health = (): Health => {
    const able = engine.ready && voiceActivity.problem === null;
    const notes = [...engine.notes, ...(voiceActivity.problem ? [voiceActivity.problem] : [])];
    const well = able && notes.length === 0;
    return {
      status: registry.draining ? 'draining' : well ? 'ok' : 'degraded',
      version,
      ...engine.info,
      ready: able && !registry.draining,
      slots: scheduler.concurrency,
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
    metrics.sessions.set(registry.size);
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
    switches: models.switches,
    restarts: engine.restarts,
  });
  return { health, readMetrics, stats };
}
