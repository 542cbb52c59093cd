import { onTestFinished } from 'vitest';
import type { Engine } from '../../src/engine/index.js';
import { InferenceHost, InferenceHosts, NatsEngine } from '../../src/hosts/index.js';
import { connectNats } from '../../src/nats/index.js';

/** The side of a host: this engine is served until the test is over. */
export async function serveEngine(url: string, prefix: string, engine: Engine) {
  const connection = await connectNats({ url, name: 'host' });
  const { model: name } = engine.info;
  const host = await InferenceHost.open({
    connection,
    prefix,
    name: 'host',
    version: 'test',
    engine,
    models: async () => [{ name, since: 0, languages: null, loaded: true }],
    load: async () => {},
  });
  onTestFinished(async () => {
    await host.close();
    await connection.close();
  });
  return { host, connection };
}

/** The side of a gateway: the hosts that it hears of, closed when the test is over. */
export async function hearHosts(url: string, prefix: string) {
  const connection = await connectNats({ url, name: 'gateway' });
  const hosts = new InferenceHosts({ connection, prefix, waitMs: 30_000 });
  onTestFinished(async () => {
    hosts.close();
    await connection.close();
  });
  return hosts;
}

/** An engine over NATS, as soon as there are hosts for it; closed when the test is over. */
export async function natsEngine(url: string, prefix: string, model: string) {
  const hosts = await hearHosts(url, prefix);
  const engine = new NatsEngine(model, hosts);
  onTestFinished(() => engine.close());
  await hosts.hear(model, 30_000);
  return engine;
}
