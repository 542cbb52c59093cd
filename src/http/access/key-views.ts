import { z } from 'zod';
import type { ApiKey, AuditEntry, DayUsage, KeyLimits } from '../../access/index.js';
import {
  roomNameSchema,
  roomScopes,
  type Scope,
  scopes,
  tokenScopes,
} from '../../protocol/index.js';

const count = z.int().min(0);
const time = z.iso.datetime();
function scopesAmong<const T extends readonly Scope[]>(allowed: T) {
  const error = `scopes has to be a list of ${allowed.join(', ')}.`;
  return z.array(z.enum(allowed, { error }), { error }).min(1, 'scopes is empty.');
}

const limitsSchema = z.object({
  max_connections: count.max(100_000).nullable(),
  requests_a_minute: count.max(1_000_000).nullable(),
  audio_seconds_a_day: count.max(1_000_000_000).nullable(),
  max_upload_bytes: count.max(1_099_511_627_776).nullable(),
});

export const keySchema = z.object({
  object: z.literal('api_key'),
  id: z.string().describe('public: it names the key in lists and logs'),
  name: z.string(),
  scopes: z.array(z.enum(scopes)),
  limits: limitsSchema.describe('null is as the settings say, 0 is no limit'),
  created_at: time,
  expires_at: time.nullable(),
  revoked_at: time.nullable(),
});

export const createdKeySchema = keySchema.extend({
  key: z.string().describe('the key itself: it is kept nowhere, and nobody can tell it again'),
});

/** A body that makes a key. */
export const keyRequestSchema = z.strictObject(
  {
    name: z
      .string({ error: 'name is missing: it says whose key it is.' })
      .trim()
      .min(1, 'name is empty.')
      .max(100, 'name is longer than 100 characters.')
      .describe('whose key it is'),
    scopes: scopesAmong(scopes),
    expires_at: time
      .nullish()
      .transform((at) => (at ? Date.parse(at) : null))
      .describe('from when on it opens nothing; never where it is left out'),
    limits: limitsSchema.partial().optional().describe('null is as the settings say, 0 no limit'),
  },
  { error: 'The body has to be a JSON object of name, scopes, expires_at and limits.' },
);

/** A body that asks for a token. */
export const tokenRequestSchema = z
  .strictObject(
    {
      scopes: scopesAmong(tokenScopes).describe('those of the key, or fewer; never `admin`'),
      room: roomNameSchema
        .nullish()
        .describe('the only one to speak in and to watch; with it, scopes are of rooms only'),
      lifetime_seconds: z
        .int({ error: 'lifetime_seconds has to be a whole number.' })
        .min(1, 'lifetime_seconds has to be at least 1.')
        .max(31_536_000, 'lifetime_seconds has to be at most a year.')
        .default(300)
        .describe('how long something may be begun with it; at most MAX_TOKEN_MS'),
    },
    { error: 'The body has to be a JSON object of scopes, room and lifetime_seconds.' },
  )
  // `Access` refuses it: the document only says so.
  .meta({
    anyOf: [
      { properties: { room: { type: 'null' } } },
      { properties: { scopes: { items: { enum: roomScopes } } } },
    ],
  });

export const tokenSchema = z.object({
  object: z.literal('token'),
  token: z.string(),
  scopes: z.array(z.enum(scopes)),
  room: z.string().nullable(),
  expires_at: time,
});

export const usageSchema = z.object({
  key: z.string().describe('the id of a key, `operator` for `API_KEY`, or `open` without keys'),
  day: z.iso.date().describe('in UTC'),
  requests: count,
  connections: count.describe('that were begun: streams, and those that watch'),
  audio_seconds: z.number().min(0).describe('of live audio and of files'),
  speech_characters: count,
  refused: count.describe('times that a limit was met'),
});

export const auditSchema = z.object({
  number: z.int().min(1),
  at: time,
  actor: z.string().describe('as `key` of usage; `cli` for the command line'),
  action: z.string(),
  subject: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
});

export function keyView(key: ApiKey): z.output<typeof keySchema> {
  const { maxConnections, requestsAMinute, audioSecondsADay, maxUploadBytes } = key.limits;
  return {
    object: 'api_key',
    id: key.id,
    name: key.name,
    scopes: [...key.scopes],
    limits: {
      max_connections: maxConnections,
      requests_a_minute: requestsAMinute,
      audio_seconds_a_day: audioSecondsADay,
      max_upload_bytes: maxUploadBytes,
    },
    created_at: isoTime(key.createdAtMs),
    expires_at: key.expiresAtMs === null ? null : isoTime(key.expiresAtMs),
    revoked_at: key.revokedAtMs === null ? null : isoTime(key.revokedAtMs),
  };
}

export function keyLimits(limits: z.output<typeof keyRequestSchema>['limits'] = {}): KeyLimits {
  return {
    maxConnections: limits.max_connections ?? null,
    requestsAMinute: limits.requests_a_minute ?? null,
    audioSecondsADay: limits.audio_seconds_a_day ?? null,
    maxUploadBytes: limits.max_upload_bytes ?? null,
  };
}

export function usageView(usage: DayUsage): z.output<typeof usageSchema> {
  const { key, day, requests, connections, audioMs, speechCharacters, refused } = usage;
  return {
    ...{ key, day, requests, connections },
    audio_seconds: audioMs / 1_000,
    speech_characters: speechCharacters,
    refused,
  };
}

export function auditView({ atMs, ...entry }: AuditEntry): z.output<typeof auditSchema> {
  return { ...entry, at: isoTime(atMs) };
}

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
