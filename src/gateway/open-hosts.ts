import { type Config, ConfigError } from '../config/index.js';
import { InferenceHosts, NatsEngine } from '../hosts/index.js';
import { type ModelSource, modelNotFound } from '../models/index.js';
import type { Surroundings } from './open-engine.js';

/** For how long a gateway that starts waits for the first host: without any it starts as well. */
const firstReportMs = 2_000;

/** The inference hosts of a gateway; null where its own machine computes. */
export async function openHosts(
  config: Config,
  { nats: connection, closers, metrics, logger, errors }: Surroundings,
): Promise<InferenceHosts | null> {
  if (config.engine !== 'nats') return null;
  // Configurations are checked when they are loaded.
  if (!connection) throw new ConfigError('ENGINE is nats, so NATS_URL has to be set, too.');
  const { natsPrefix: prefix, workerStartTimeoutMs: waitMs } = config;
  const hosts = new InferenceHosts({
    connection,
    prefix,
    waitMs,
    hooks: {
      onLost: ({ name, instance }, reason) => {
        if (reason === 'left') return logger.info({ host: name, instance }, 'host has left');
        metrics.hostsLost.inc({ reason });
        if (reason === 'disconnected') return;
        errors.note('engine_died');
        logger.warn({ host: name, instance, reason }, 'host lost');
      },
      onAnswered: ({ delayMs }) => metrics.hostDelaySeconds.observe(delayMs / 1000),
    },
  });
  closers.push(async () => hosts.close());
  await hosts.hear(config.model, firstReportMs);
  return hosts;
}

/** What the hosts have. They load it themselves: here it takes no memory. */
export function modelsOfHosts(hosts: InferenceHosts, config: Config): ModelSource {
  const list = () => {
    const offered = hosts.models.map(({ name, since, languages }) => ({ name, since, languages }));
    const known = offered.some(({ name }) => name === config.model);
    // Hosts come and go, and with them the default; it can be asked for nevertheless.
    return known
      ? offered
      : [{ name: config.model, since: Date.now(), languages: null }, ...offered];
  };
  return {
    list: async () => list(),
    prepare: async (name) => {
      const names = list().map((model) => model.name);
      if (!names.includes(name)) throw modelNotFound(name, names);
      return {
        memoryBytes: 0,
        open: async (signal) => {
          // The default is loaded by every host that starts; a gateway waits for none of them.
          if (name !== config.model) await hosts.load(name, signal);
          const engine = new NatsEngine(name, hosts);
          return { engine, close: () => engine.close() };
        },
      };
    },
  };
}
