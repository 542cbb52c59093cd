import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Access, dayOf } from '../../access/index.js';
import { GatewayError } from '../../errors/index.js';
import { json, jsonBodyErrors, operation } from '../openapi/index.js';
import { parseRequest } from '../parse-request.js';
import { leaveBodiesUnread } from '../uploads/unread-bodies.js';
import { callerOf } from './caller-of.js';
import {
  auditSchema,
  auditView,
  createdKeySchema,
  isoTime,
  keyLimits,
  keyRequestSchema,
  keySchema,
  keyView,
  tokenRequestSchema,
  tokenSchema,
  usageSchema,
  usageView,
} from './key-views.js';

const tag = 'Access';
const listOf = (item: z.ZodType) =>
  json(z.object({ object: z.literal('list'), data: z.array(item) }));

const tokenOperation = operation({
  scope: 'any',
  tag,
  summary: 'Makes a token for less than a key may do',
  description:
    'For browsers: what begins with it before it expires goes on to its end. A token makes no further tokens.',
  body: json(tokenRequestSchema),
  answers: { 201: { description: 'The token.', content: json(tokenSchema) } },
  errors: [...jsonBodyErrors, 'insufficient_scope'],
});

const days = z.object({
  from: z.iso.date({ error: 'from has to be a day such as 2026-11-23.' }).optional(),
  to: z.iso.date({ error: 'to has to be a day such as 2026-11-23.' }).optional(),
});
const usageOperation = operation({
  scope: 'any',
  tag,
  summary: 'What a key has taken, day by day',
  description:
    'Of the key that asks, which a token cannot; both days are included, and today where they are left out.',
  query: days,
  answers: { 200: { description: 'The newest day first.', content: listOf(usageSchema) } },
  errors: ['bad_field', 'insufficient_scope'],
});

const allUsage = days.extend({ key: z.string().optional().describe('only of this one') });
const allUsageOperation = operation({
  scope: 'admin',
  tag,
  summary: 'What all keys have taken, day by day',
  query: allUsage,
  answers: { 200: { description: 'The newest day first.', content: listOf(usageSchema) } },
  errors: ['bad_field'],
});

const listOperation = operation({
  scope: 'admin',
  tag,
  summary: 'All keys, those included that were revoked',
  answers: { 200: { description: 'The oldest first.', content: listOf(keySchema) } },
});

const createOperation = operation({
  scope: 'admin',
  tag,
  summary: 'Makes a key',
  description: 'With the first one the gateway wants a key of everybody.',
  body: json(keyRequestSchema),
  answers: { 201: { description: 'The key, shown this once.', content: json(createdKeySchema) } },
  errors: [...jsonBodyErrors, 'access_unavailable', 'disk_full'],
});

const keyParams = z.object({ id: z.string() });
const revokeOperation = operation({
  scope: 'admin',
  tag,
  summary: 'Revokes a key, for good',
  description: 'What was begun with it, or with its tokens, ends at once.',
  params: keyParams,
  answers: { 200: { description: 'The key as it is now.', content: json(keySchema) } },
  errors: ['not_found', 'disk_full'],
});

const page = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  before: z.coerce.number().int().min(1).optional().describe('only entries older than this one'),
});
const auditOperation = operation({
  scope: 'admin',
  tag,
  summary: 'What was done to the gateway, and by whom',
  query: page,
  answers: { 200: { description: 'The newest first.', content: listOf(auditSchema) } },
  errors: ['bad_field'],
});

/** `/v1/tokens`, `/v1/usage`, and what an operator does with keys. */
export function accessRoutes(app: FastifyInstance, access: Access): void {
  app.post('/v1/tokens', tokenOperation, async (request, reply) => {
    const {
      scopes,
      room = null,
      lifetime_seconds,
    } = parseRequest(tokenRequestSchema, request.body);
    const caller = callerOf(request);
    const asked = { scopes, room, lifetimeMs: lifetime_seconds * 1_000 };
    const { token, expiresAtMs } = access.createToken(caller, asked);
    reply.status(201).header('cache-control', 'no-store');
    return { object: 'token', token, scopes, room, expires_at: isoTime(expiresAtMs) };
  });
  app.get('/v1/usage', usageOperation, async (request) => {
    const { id, byToken } = callerOf(request);
    // Whoever was handed a token learns nothing of the others who were.
    if (byToken) {
      throw new GatewayError('insufficient_scope', { message: 'Usage is told to keys.' });
    }
    return usageList(access, { ...parseRequest(days, request.query), key: id });
  });
  app.get('/v1/admin/usage', allUsageOperation, async ({ query }) =>
    usageList(access, parseRequest(allUsage, query)),
  );
  app.get('/v1/admin/keys', listOperation, async () => ({
    object: 'list',
    data: access.keys().map(keyView),
  }));
  app.post('/v1/admin/keys', createOperation, async (request, reply) => {
    const { name, scopes, expires_at, limits } = parseRequest(keyRequestSchema, request.body);
    const asked = { name, scopes, limits: keyLimits(limits), expiresAtMs: expires_at };
    const { key, apiKey } = access.createKey(asked, callerOf(request).id);
    reply.status(201).header('cache-control', 'no-store');
    return { ...keyView(apiKey), key };
  });
  app.register((scope, _options, registered) => {
    // The address says it all.
    leaveBodiesUnread(scope);
    scope.delete<{ Params: z.output<typeof keyParams> }>(
      '/v1/admin/keys/:id',
      revokeOperation,
      async (request) => keyView(access.revokeKey(request.params.id, callerOf(request).id)),
    );
    registered();
  });
  app.get('/v1/admin/audit', auditOperation, async ({ query }) => {
    const { limit, before } = parseRequest(page, query);
    return { object: 'list', data: access.auditEntries(limit, before).map(auditView) };
  });
}

function usageList(access: Access, { from, to, key }: z.output<typeof allUsage>) {
  const today = dayOf(Date.now());
  const used = access.usage(from ?? to ?? today, to ?? today, key);
  return { object: 'list', data: used.map(usageView) };
}
