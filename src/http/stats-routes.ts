import type { FastifyInstance } from 'fastify';
import type { SchedulerStats } from '../scheduler/index.js';

/** Memory of something that computes. */
export interface DeviceMemory {
  /** `cpu`, or `gpu0` and so on, as the addon counts them. */
  readonly device: string;
  /** Of the CPU's, what this gateway and its processes take; of a GPU's, what everybody takes. */
  readonly used_bytes: number;
  readonly total_bytes: number;
}

/** A model that is loaded, and what it runs on. */
export interface LoadedModel {
  readonly model: string;
  readonly device: string;
  readonly backend: string;
}

/** What `/v1/stats` tells; read anew at every request. */
export interface Stats extends SchedulerStats {
  /** Answers that are kept for audio that comes again; null where that is off. */
  readonly cache: { readonly entries: number; readonly bytes: number } | null;
  readonly devices: readonly DeviceMemory[];
  readonly models: readonly LoadedModel[];
  /** How often another model was loaded in the place of one. */
  readonly switches: number;
  /** How often an inference worker had to be replaced. */
  readonly restarts: number;
}

export interface StatsSource {
  readonly stats: () => Promise<Stats>;
}

/** `/v1/stats`: totals, every lane, memory and models. */
export function statsRoutes(app: FastifyInstance, source: StatsSource): void {
  app.get('/v1/stats', async () => source.stats());
}
