import type { RouteShorthandOptions } from 'fastify';
import type { z } from 'zod';
import type { Requirement } from '../../access/index.js';
import type { ErrorCode } from '../../errors/index.js';

/** What a body may be, by its media type. */
export type Content = Readonly<Record<string, z.ZodType>>;

/** What one route takes and answers. The OpenAPI document is made of these. */
export interface Operation {
  /** What a key has to be good for; `any` key will do, or `none` is asked for. */
  readonly scope: Requirement;
  /** Whether its answer never ends, so that it counts as a connection. */
  readonly endless?: boolean;
  /** The heading that it stands under. */
  readonly tag: 'Audio' | 'Jobs' | 'Models' | 'Rooms' | 'Access' | 'Operations' | 'Documentation';
  readonly summary: string;
  /** In Markdown. */
  readonly description?: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: Content;
  /** By status. Errors are not among them. */
  readonly answers: Readonly<Record<number, OperationAnswer>>;
  /** What it may be refused with, beside what every route may be. */
  readonly errors?: readonly ErrorCode[];
}

export interface OperationAnswer {
  readonly description: string;
  readonly content: Content;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly operation?: Operation;
  }
}

/** What every route that takes JSON may answer. */
export const jsonBodyErrors = ['bad_field', 'body_too_large', 'not_json'] as const;

/** Says what a route does, beside the route: `app.get(path, operation({…}), handler)`. */
export function operation(described: Operation): RouteShorthandOptions {
  return { config: { operation: described } };
}

/** The only content is JSON. */
export function json(schema: z.ZodType): Content {
  return { 'application/json': schema };
}
