import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A way to a gateway that can be cut, as networks are. */
export interface CuttingProxy {
  readonly url: string;
  /** Where new connections lead. */
  target: string;
  /** Drops every connection without a word. */
  cut(): void;
  /** While false, new connections are dropped as well. */
  accepts: boolean;
}

/** A TCP proxy before `url`, closed when the test is over. */
export async function startCuttingProxy(url: string): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((inner) => {
    if (!proxy.accepts) {
      inner.destroy();
      return;
    }
    const { hostname, port } = new URL(proxy.target);
    const outer = connect(Number(port), hostname);
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => {
    cut();
    server.close();
  });
  const proxy: CuttingProxy = {
    target: url,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    accepts: true,
  };
  return proxy;
}
