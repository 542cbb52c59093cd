import { onTestFinished } from 'vitest';
import { childrenRunning, isRunning } from '../support/processes.js';
import { startNats } from '../support/start-nats.js';
import { startWorker, type WorkerHost } from '../support/start-worker.js';
import type { Fault } from './faults.js';
import type { Random } from './random.js';

/** NATS and inference hosts, beside a gateway that computes nothing. */
export interface Cluster {
  /** What the gateway is started with. */
  readonly env: Readonly<Record<string, string>>;
  /** What happens to them; a gateway need not be told. */
  readonly faults: readonly Fault[];
}

const hostCount = 2;
/** Without NATS, or while it stands still. */
const [shortestMs, longestMs] = [300, 3_000];

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts them; ended when the test is over. */
export async function startCluster(): Promise<Cluster> {
  const nats = await startNats();
  const start = () => startWorker(nats.url, { SHUTDOWN_TIMEOUT_MS: '10000' });
  /** Null while one is replaced. */
  const hosts: (WorkerHost | null)[] = [];
  for (let host = 0; host < hostCount; host++) hosts.push(await start());
  // One that begins while NATS is away does not come up: it is started again, as service managers do.
  let replacing: Promise<unknown> = Promise.resolve();
  onTestFinished(async () => void (await replacing));
  const replaceAt = (index: number) => {
    replacing = replacing.then(async () => {
      for (;;) {
        const next = await start().catch(() => null);
        if (next) {
          hosts[index] = next;
          return;
        }
      }
    });
  };

  const ending = (signal: NodeJS.Signals) => (_: unknown, random: Random) => {
    const index = random.between(0, hosts.length - 1);
    const host = hosts[index];
    if (!host) return false;
    hosts[index] = null;
    host.signal(signal);
    replaceAt(index);
    return true;
  };
  const standStill = async (_: unknown, random: Random) => {
    const host = random.pick(hosts);
    if (!host || !isRunning(host.pid)) return false;
    host.signal('SIGSTOP');
    await pause(random.between(shortestMs, 2 * longestMs));
    host.signal('SIGCONT');
    return true;
  };
  const killInference = (_: unknown, random: Random) => {
    const host = random.pick(hosts);
    const children = host ? childrenRunning('worker-main', host.pid) : [];
    if (children.length === 0) return false;
    process.kill(random.pick(children), 'SIGKILL');
    return true;
  };
  const restartNats = async (_: unknown, random: Random) => {
    await nats.kill();
    await pause(random.between(shortestMs, longestMs));
    await nats.restart();
    return true;
  };
  const freezeNats = async (_: unknown, random: Random) => {
    nats.freeze();
    await pause(random.between(shortestMs, 2 * longestMs));
    nats.thaw();
    return true;
  };
  return {
    env: { ENGINE: 'nats', NATS_URL: nats.url },
    faults: [
      { name: 'a host is killed', ends: [], do: ending('SIGKILL') },
      { name: 'a host is told to stop', ends: [], do: ending('SIGTERM') },
      { name: 'a host stands still', ends: [], do: standStill },
      { name: 'the inference of a host is killed', ends: [], do: killInference },
      { name: 'NATS is killed and started again', ends: [], do: restartNats },
      { name: 'NATS stands still', ends: [], do: freezeNats },
    ],
  };
}
