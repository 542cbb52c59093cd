import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { GatewayError } from '../errors/index.js';
import { type Database, openDatabase, whyUnusable } from '../storage/index.js';
import { type ApiKey, type KeyRequest, type KeyRow, toApiKey } from './api-key.js';
import { type AuditEntry, maxAuditEntries, type NewAuditEntry } from './audit.js';
import { migrations } from './migrations.js';
import { newSecretKey } from './secret-key.js';
import type { DayUsage, Usage } from './usage.js';

/** In the data folder. */
export const accessFile = 'access.sqlite';

/** Entries between two times that the oldest are removed, which takes a look at all of them. */
const auditTidyEvery = 1_000;

/** A key that was just made. */
export interface CreatedKey {
  /** The key itself: nobody can tell it a second time. */
  readonly key: string;
  readonly apiKey: ApiKey;
}

/**
 * Who may use the gateway, how much they did, and what was done about it, in SQLite. The gateway and the
 * command line use one at the same time.
 */
export class AccessStore {
  /** Whether nothing of it is left after this process. */
  readonly fleeting: boolean;
  readonly #db: Database;
  #version = 0;

  private constructor(db: Database, fleeting: boolean) {
    this.#db = db;
    this.fleeting = fleeting;
    this.changed();
  }

  /** Opens what is at a path, or creates it. @throws GatewayError `access_unavailable`. */
  static open(path: string): AccessStore {
    try {
      mkdirSync(dirname(path), { recursive: true });
      return new AccessStore(openDatabase(path, { migrations, access: 'shared' }), false);
    } catch (cause) {
      throw new GatewayError('access_unavailable', {
        message: `The keys in ${path} cannot be used: ${whyUnusable(cause)}.`,
        cause,
      });
    }
  }

  /** One for this process only. */
  static inMemory(): AccessStore {
    return new AccessStore(openDatabase(':memory:', { migrations, access: 'shared' }), true);
  }

  /** Whether another process has changed anything since the last time that this was asked. */
  changed(): boolean {
    const version = this.#db.get<{ data_version: number }>('pragma data_version')
      ?.data_version as number;
    const changed = version !== this.#version;
    this.#version = version;
    return changed;
  }

  /** All that there ever were, the oldest first. */
  keys(): ApiKey[] {
    return this.#db.all<KeyRow>('select * from keys order by created_at_ms, id').map(toApiKey);
  }

  createKey(request: KeyRequest, actor: string): CreatedKey {
    const { id, key, digest } = newSecretKey();
    const { name, scopes, limits, expiresAtMs } = request;
    this.#db.transaction(() => {
      this.#db.run(
        `insert into keys (id, name, digest, scopes, limits, created_at_ms, expires_at_ms)
         values (?, ?, ?, ?, ?, ?, ?)`,
        ...[id, name, digest, JSON.stringify(scopes), JSON.stringify(limits)],
        ...[Date.now(), expiresAtMs],
      );
      this.audit({ actor, action: 'key_created', subject: id, detail: { name, scopes } });
    });
    return { key, apiKey: this.#find(id) as ApiKey };
  }

  /** Doing it again changes nothing. @throws GatewayError `not_found`. */
  revokeKey(id: string, actor: string): ApiKey {
    const apiKey = this.#find(id);
    if (!apiKey) throw new GatewayError('not_found', { message: 'There is no key of this id.' });
    if (apiKey.revokedAtMs !== null) return apiKey;
    this.#db.transaction(() => {
      this.#db.run('update keys set revoked_at_ms = ? where id = ?', Date.now(), id);
      this.audit({ actor, action: 'key_revoked', subject: id, detail: { name: apiKey.name } });
    });
    return this.#find(id) as ApiKey;
  }

  /** What tokens are signed with; made when it is first asked for. */
  secret(): string {
    this.#db.run(
      `insert or ignore into secrets values ('tokens', ?)`,
      randomBytes(32).toString('hex'),
    );
    return this.#db.get<{ value: string }>(`select value from secrets where name = 'tokens'`)
      ?.value as string;
  }

  /** Adds to what was taken before. */
  addUsage(usage: readonly DayUsage[]): void {
    this.#db.transaction(() => {
      for (const { key, day, ...taken } of usage) {
        this.#db.run(
          `insert into usage values (?, ?, ?, ?, ?, ?, ?) on conflict (key, day) do update set
             requests = requests + excluded.requests,
             connections = connections + excluded.connections,
             audio_ms = audio_ms + excluded.audio_ms,
             speech_characters = speech_characters + excluded.speech_characters,
             refused = refused + excluded.refused`,
          ...[key, day, taken.requests, taken.connections, Math.round(taken.audioMs)],
          ...[taken.speechCharacters, taken.refused],
        );
      }
    });
  }

  /** From one day to another, both included; the newest day first. @param key Only of this one. */
  usage(from: string, to: string, key?: string): DayUsage[] {
    return this.#db
      .all<UsageRow>(
        `select * from usage where day between ? and ? and key = coalesce(?, key)
         order by day desc, key`,
        ...[from, to, key ?? null],
      )
      .map(toDayUsage);
  }

  audit({ actor, action, subject = null, detail = {} }: NewAuditEntry): void {
    this.#db.run(
      'insert into audit (at_ms, actor, action, subject, detail) values (?, ?, ?, ?, ?)',
      ...[Date.now(), actor, action, subject, JSON.stringify(detail)],
    );
    const newest = this.#db.get<{ number: number }>('select max(number) as number from audit');
    if ((newest?.number ?? 0) % auditTidyEvery === 0) this.#tidyAudit();
  }

  /** The newest first. @param before Only entries older than the one of this number. */
  auditEntries(limit: number, before: number | null = null): AuditEntry[] {
    return this.#db
      .all<AuditRow>(
        `select * from audit where number < coalesce(?, number + 1) order by number desc limit ?`,
        ...[before, limit],
      )
      .map(({ at_ms, detail, ...row }) => ({ ...row, atMs: at_ms, detail: JSON.parse(detail) }));
  }

  /** Idempotent. */
  close(): void {
    this.#db.close();
  }

  #tidyAudit(): void {
    this.#db.run(
      `delete from audit where number in (
         select number from (
           select number, row_number() over (partition by action order by number desc) as place
           from audit
         ) where place > ?
       )`,
      maxAuditEntries,
    );
  }

  #find(id: string): ApiKey | undefined {
    const row = this.#db.get<KeyRow>('select * from keys where id = ?', id);
    return row && toApiKey(row);
  }
}

interface UsageRow {
  readonly key: string;
  readonly day: string;
  readonly requests: number;
  readonly connections: number;
  readonly audio_ms: number;
  readonly speech_characters: number;
  readonly refused: number;
}

interface AuditRow {
  readonly number: number;
  readonly at_ms: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string | null;
  readonly detail: string;
}

function toDayUsage({ audio_ms, speech_characters, ...row }: UsageRow): DayUsage & Usage {
  return { ...row, audioMs: audio_ms, speechCharacters: speech_characters };
}
