import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { documentPage, pageStyle } from './document-page.js';
import { type OpenApiDocument, openApiDocument } from './openapi-document.js';
import { json, operation } from './operation.js';
import type { RouteTable } from './route-table.js';

export interface DocumentOptions {
  readonly version: string;
  /** Whether this gateway wants a key now. */
  readonly needsKey: () => boolean;
}

/** The page has one style and nothing else: it runs nothing and asks nobody for anything. */
const styleHash = createHash('sha256').update(pageStyle).digest('base64');
const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `GET /openapi.json`, made of what every route says of itself, and the same to read at `GET /docs`. */
export function openApiRoutes(
  app: FastifyInstance,
  table: RouteTable,
  options: DocumentOptions,
): void {
  // Routes are still added when this is called; none is once something is asked for.
  const made = new Map<boolean, OpenApiDocument>();
  const document = () => {
    const needsKey = options.needsKey();
    const known = made.get(needsKey);
    if (known) return known;
    const document = openApiDocument(table.routes, { ...options, needsKey });
    made.set(needsKey, document);
    return document;
  };

  app.get(
    '/openapi.json',
    operation({
      scope: 'any',
      tag: 'Documentation',
      summary: 'This description, for programs',
      answers: {
        200: {
          description: 'An OpenAPI 3.1 document.',
          content: json(z.looseObject({ openapi: z.literal('3.1.0') })),
        },
      },
    }),
    async () => document(),
  );

  app.get(
    '/docs',
    operation({
      scope: 'any',
      tag: 'Documentation',
      summary: 'This description, for people',
      answers: {
        200: {
          description: 'A page that needs nothing from elsewhere.',
          content: { 'text/html': z.string() },
        },
      },
    }),
    async (_request, reply) => {
      return reply
        .type('text/html; charset=utf-8')
        .headers({
          'content-security-policy': contentSecurityPolicy,
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
        })
        .send(documentPage(document()));
    },
  );
}
