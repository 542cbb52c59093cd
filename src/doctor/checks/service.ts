import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Config, gatewayAddress } from '../../config/index.js';
import { type Check, error, ok, warning } from '../check.js';

export const settings: Check = {
  id: 'settings',
  group: 'Service',
  title: 'Settings',
  async run({ settingsProblem }) {
    if (!settingsProblem) return ok('as docs/configuration.md asks for');
    return error(settingsProblem, 'docs/configuration.md describes all of them.');
  },
};

const answerTimeoutMs = 3_000;

export const port: Check = {
  id: 'port',
  group: 'Service',
  title: 'Port',
  async run({ config }) {
    const { host, port: number } = config;
    const address = `${host}:${number}`;
    const problem = await whyNotListen(config);
    switch (problem) {
      case null:
        return ok(number === 0 ? 'any free one' : `${address} is free`);
      case 'EADDRINUSE': {
        const gateway = await whoAnswers(config);
        if (gateway) return ok(`${address} is served by a gateway that runs: ${gateway}`);
        return error(
          `${address} is taken by another program`,
          `Set PORT to a free one, or end the program. Which one it is: ss -ltnp "sport = :${number}"`,
        );
      }
      case 'EACCES':
        return error(
          `${address} may not be used by this user`,
          'Ports below 1024 are for root: set PORT to another, and put a proxy before it.',
        );
      case 'EADDRNOTAVAIL':
      case 'ENOTFOUND':
        return error(
          `${host} is no address of this machine`,
          'Set HOST to one, such as 127.0.0.1.',
        );
      default:
        return warning(`${address} cannot be used (${problem})`, 'Set HOST and PORT to others.');
    }
  },
};

/** The system's code; null where listening works. */
async function whyNotListen({ host, port: number }: Config): Promise<string | null> {
  const server = createServer();
  try {
    server.listen({ host, port: number });
    await once(server, 'listening');
    server.close();
    return null;
  } catch (failure) {
    return (failure as NodeJS.ErrnoException).code ?? String(failure);
  }
}

/** What a gateway of ours at this address says of itself; null where it is some other program. */
async function whoAnswers(config: Config): Promise<string | null> {
  try {
    const answer = await fetch(`${gatewayAddress(config)}/health`, {
      signal: AbortSignal.timeout(answerTimeoutMs),
    });
    const health = (await answer.json()) as Record<string, unknown>;
    return 'max_connections' in health
      ? `version ${health.version}, ${health.model} on ${health.device}, ${health.status}`
      : null;
  } catch {
    return null;
  }
}
