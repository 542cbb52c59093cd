import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A way to a gateway that can be cut, as networks are. */
export interface CuttingProxy {
  readonly url: string;
  /** Where new connections lead. */
  target: string;
  /** Drops every connection without a word. */
  cut(): void;
  /**
   * Holds back what is said on the connections there are, or what is answered only, as networks do that break
   * without a word. @returns What lets it through.
   */
  hold(what: 'everything' | 'answers'): () => void;
  /** While false, new connections are dropped as well. */
  accepts: boolean;
}

/** A TCP proxy before `url`, closed when the test is over. */
export async function startCuttingProxy(url: string): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  const ways = new Set<{ from: Socket; to: Socket; answers: boolean }>();
  const server = createServer((inner) => {
    if (!proxy.accepts) {
      inner.destroy();
      return;
    }
    const { hostname, port } = new URL(proxy.target);
    const outer = connect(Number(port), hostname);
    for (const way of [
      { from: inner, to: outer, answers: false },
      { from: outer, to: inner, answers: true },
    ]) {
      const { from, to } = way;
      sockets.add(from);
      ways.add(way);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        ways.delete(way);
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
    hold(what) {
      const held = [...ways].filter(({ answers }) => answers || what === 'everything');
      for (const { from, to } of held) from.unpipe(to);
      return () => {
        for (const { from, to } of held) from.pipe(to);
      };
    },
    accepts: true,
  };
  return proxy;
}
