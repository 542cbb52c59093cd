import type { InferenceHosts, KnownHost } from '../hosts/index.js';
import type { HostStats } from '../http/index.js';
import type { Metrics } from '../telemetry/index.js';

/** A host as `/v1/stats` tells of it. */
export function hostStats({ report, usable, own }: KnownHost): HostStats {
  const { name, version, device, backend, gpus, slots, running, waiting, restarts, notes } = report;
  const state = report.state === 'serving' ? (usable ? 'serving' : 'avoided') : 'draining';
  const models = report.models.map(({ name: model, loaded }) => ({ model, loaded }));
  const now = { state, slots, running, waiting, own } as const;
  return { host: name, version, ...now, device, backend, gpus, models, restarts, notes };
}

/** The hosts that there are now, and none of those that were there before. */
export function hostMetrics(metrics: Metrics, { all }: InferenceHosts): void {
  const hosts = all.map(hostStats);
  for (const state of ['serving', 'draining', 'avoided'] as const) {
    metrics.hosts.set({ state }, hosts.filter((host) => host.state === state).length);
  }
  metrics.hostSlots.reset();
  metrics.hostWindows.reset();
  for (const { host, slots, running, waiting } of hosts) {
    metrics.hostSlots.set({ host }, slots);
    metrics.hostWindows.set({ host, state: 'running' }, running);
    metrics.hostWindows.set({ host, state: 'waiting' }, waiting);
  }
}
