import autocannon from 'autocannon';
import { WebSocket } from 'ws';
import { loadConfig } from '../dist/config/index.js';
import { ScriptedEngine, spoken } from '../dist/engine/index.js';
import { createGateway } from '../dist/gateway/index.js';

export const question = 'What do HTTP and the socket cost, without inference?';

const seconds = 5;

/** One gateway in this process with the scripted engine, loaded over loopback by the same process. */
export async function measure() {
  const config = loadConfig({ port: 0, logLevel: 'silent' }, {});
  const gateway = await createGateway(config, {
    engine: new ScriptedEngine({ script: () => spoken([]) }),
  });
  try {
    return {
      columns: ['what', 'connections', 'a second', 'median ms', '99th percentile ms'],
      rows: [
        await http(gateway.url, '/health', 1),
        await http(gateway.url, '/health', 50),
        await pings(gateway.url, 1),
        await pings(gateway.url, 50),
      ],
    };
  } finally {
    await gateway.close();
  }
}

async function http(url, path, connections) {
  const result = await autocannon({ url: url + path, connections, duration: seconds });
  const { p50, p99 } = result.latency;
  return [`GET ${path}`, connections, Math.round(result.requests.average), p50, p99];
}

/** Every socket sends its next `ping` when the `pong` of the last one came. */
async function pings(url, connections) {
  const latencies = [];
  const end = performance.now() + seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/stream`);
      await new Promise((resolve) => socket.once('open', resolve));
      while (performance.now() < end) {
        const sentAt = performance.now();
        socket.send('{"type":"ping"}');
        await new Promise((resolve) => socket.once('message', resolve));
        latencies.push(performance.now() - sentAt);
      }
      socket.terminate();
    }),
  );
  latencies.sort((a, b) => a - b);
  const percentile = (share) => latencies[Math.floor(latencies.length * share)].toFixed(2);
  return [
    'ping → pong on a socket',
    connections,
    Math.round(latencies.length / seconds),
    percentile(0.5),
    percentile(0.99),
  ];
}
