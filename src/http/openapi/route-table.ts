import type { FastifyInstance } from 'fastify';
import type { Operation } from './operation.js';

/** A route and what it does. */
export interface DescribedRoute {
  readonly method: string;
  /** As OpenAPI writes it: `/v1/models/{id}`. */
  readonly path: string;
  readonly operation: Operation;
}

/** Every route of an app, as far as they are known by now. */
export interface RouteTable {
  readonly routes: readonly DescribedRoute[];
  /** What an address can be asked by; empty where there is nothing at it. */
  methodsOf(url: string): string[];
}

/**
 * Notes the routes that are added from now on. Adding one that says nothing of what it does throws, so that
 * the document is never short of one.
 */
export function noteRoutes(app: FastifyInstance): RouteTable {
  const routes: DescribedRoute[] = [];
  app.addHook('onRoute', ({ method: methods, url, config }) => {
    for (const method of [methods].flat()) {
      const operation = config?.operation;
      if (!operation) throw new Error(`${method} ${url} needs an operation() that describes it.`);
      routes.push({ method, path: url.replace(/:(\w+)/g, '{$1}'), operation });
    }
  });
  return {
    routes,
    methodsOf(url) {
      const address = url.replace(/\?.*$/s, '');
      const matching = routes.filter(({ path }) => matches(path, address));
      // What has the address as its own is what is meant, and not what takes anything in its place.
      const own = matching.filter(({ path }) => !path.includes('{'));
      const meant = own.length > 0 ? own : matching;
      return [...new Set(meant.map(({ method }) => method))];
    },
  };
}

/** A slash at the end makes no difference. */
function matches(path: string, address: string): boolean {
  const escaped = path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${escaped}/?$`).test(address);
}
