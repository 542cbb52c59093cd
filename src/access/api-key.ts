import { z } from 'zod';
import { type Scope, scopes } from '../protocol/index.js';

/** What a key may take; null leaves it to the settings, 0 sets no limit. */
export interface KeyLimits {
  /** Streaming connections, and those that watch, at the same time. */
  readonly maxConnections: number | null;
  readonly requestsAMinute: number | null;
  /** Of live audio and of files, from midnight to midnight UTC. */
  readonly audioSecondsADay: number | null;
  readonly maxUploadBytes: number | null;
}

/** A key as it is kept: not the key itself. Times are milliseconds since 1970. */
export interface ApiKey {
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** SHA-256 of the key, in hexadecimal. */
  readonly digest: string;
  readonly scopes: readonly Scope[];
  readonly limits: KeyLimits;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
}

/** What a key is made of. */
export type KeyRequest = Pick<ApiKey, 'name' | 'scopes' | 'limits' | 'expiresAtMs'>;

export const noLimits: KeyLimits = {
  maxConnections: null,
  requestsAMinute: null,
  audioSecondsADay: null,
  maxUploadBytes: null,
};

export interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly digest: string;
  readonly scopes: string;
  readonly limits: string;
  readonly created_at_ms: number;
  readonly expires_at_ms: number | null;
  readonly revoked_at_ms: number | null;
}

const storedScopes = z.array(z.enum(scopes));

export function toApiKey(row: KeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    digest: row.digest,
    scopes: storedScopes.parse(JSON.parse(row.scopes)),
    limits: { ...noLimits, ...JSON.parse(row.limits) },
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    revokedAtMs: row.revoked_at_ms,
  };
}

/** Whether it opens anything now. */
export function isValid({ expiresAtMs, revokedAtMs }: ApiKey, nowMs: number): boolean {
  return revokedAtMs === null && (expiresAtMs === null || expiresAtMs > nowMs);
}
