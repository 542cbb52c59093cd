import type { LoadedModel, ModelMemory } from '../http/index.js';
import type { MemoryBudget, ModelManager, ModelStatus } from '../models/index.js';

/** A model as `/v1/stats` tells of it. */
export function modelStats(status: ModelStatus): LoadedModel {
  const { name, info, isDefault, users, idleMs, memoryBytes } = status;
  return {
    model: info?.model ?? name,
    device: info?.device ?? null,
    backend: info?.backend ?? null,
    state: info ? 'loaded' : 'loading',
    default: isDefault,
    users,
    idle_ms: idleMs,
    memory_bytes: memoryBytes,
  };
}

/** The budget as `/v1/stats` tells of it. */
export function memoryStats(budget: MemoryBudget, { status }: ModelManager): ModelMemory {
  const models = new Set(status.map(({ name }) => name));
  const voices = budget.holders.filter(({ name }) => !models.has(name));
  return {
    budget_bytes: budget.totalBytes,
    used_bytes: budget.usedBytes,
    voices: voices.map(({ name, memoryBytes }) => ({ model: name, memory_bytes: memoryBytes })),
  };
}
