import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AccessStore } from '../../../src/access/access-store.js';
import { noLimits } from '../../../src/access/api-key.js';
import { maxAuditEntries } from '../../../src/access/audit.js';
import { KeyRing } from '../../../src/access/key-ring.js';
import { migrations } from '../../../src/access/migrations.js';
import { UsageBook } from '../../../src/access/usage-book.js';
import { openDatabase } from '../../../src/storage/index.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const now = Date.UTC(2026, 10, 23, 12);
const request = { name: 'a key', scopes: ['watch'], limits: noLimits, expiresAtMs: null } as const;
const never = (error: Error) => expect.unreachable(String(error));

function openStore(path = join(temporaryFolder(), 'access.sqlite')): AccessStore {
  const store = AccessStore.open(path);
  onTestFinished(() => store.close());
  return store;
}

function openRing(path: string, apiKey?: string): KeyRing {
  const ring = new KeyRing(path, apiKey, never);
  onTestFinished(() => ring.close());
  return ring;
}

describe('the store', () => {
  test('notices what another process writes, and not what it writes itself', () => {
    const path = join(temporaryFolder(), 'access.sqlite');
    const [one, other] = [openStore(path), openStore(path)];
    expect(one.changed()).toBe(false);
    const { apiKey } = other.createKey(request, 'cli');
    expect([one.changed(), one.changed(), other.changed()]).toEqual([true, false, false]);
    expect(one.keys()).toEqual([apiKey]);
    one.revokeKey(apiKey.id, 'cli');
    expect(other.keys()[0]?.revokedAtMs).toEqual(expect.any(Number));
    expect(one.secret()).toBe(other.secret());
  });

  test('adds usage up by key and day', () => {
    const store = openStore();
    const book = new UsageBook();
    book.add('a', { requests: 1, audioMs: 1_500.4 }, now);
    book.add('a', { requests: 1, refused: 2 }, now);
    book.add('b', { connections: 1 }, now + 86_400_000);
    book.writeTo(store);
    book.add('a', { speechCharacters: 7 }, now);
    book.writeTo(store);
    book.writeTo(store);
    const none = { requests: 0, connections: 0, audioMs: 0, speechCharacters: 0, refused: 0 };
    expect(store.usage('2026-11-23', '2026-11-24')).toEqual([
      { ...none, key: 'b', day: '2026-11-24', connections: 1 },
      {
        ...{ key: 'a', day: '2026-11-23', requests: 2, connections: 0 },
        ...{ audioMs: 1_500, speechCharacters: 7, refused: 2 },
      },
    ]);
    expect(store.usage('2026-11-23', '2026-11-24', 'a')).toHaveLength(1);
  });

  test('keeps what was done, page by page', () => {
    const store = openStore();
    for (const action of ['one', 'two', 'three']) store.audit({ actor: 'cli', action });
    const [newest] = store.auditEntries(1);
    expect(newest).toMatchObject({ action: 'three', subject: null, detail: {} });
    expect(store.auditEntries(9, newest?.number).map(({ action }) => action)).toEqual([
      'two',
      'one',
    ]);
  });
});

test('no number of tokens drives out of the audit log who made keys', () => {
  const store = AccessStore.inMemory();
  onTestFinished(() => store.close());
  store.createKey(request, 'cli');
  for (let made = 0; made < maxAuditEntries + 2_000; made++) {
    store.audit({ actor: 'a page', action: 'token_created' });
  }
  const entries = store.auditEntries(1_000_000);
  expect(entries.at(-1)).toMatchObject({ actor: 'cli', action: 'key_created' });
  expect(entries.length).toBeGreaterThan(maxAuditEntries);
  expect(entries.length).toBeLessThanOrEqual(maxAuditEntries + 1_001);
});

describe('the ring', () => {
  test('lets everybody in until there is a key, and never again', () => {
    const path = join(temporaryFolder(), 'access.sqlite');
    const ring = openRing(path);
    expect(ring.identify(null, now)).toMatchObject({ id: 'open' });
    expect(existsSync(path)).toBe(false);
    const { key, apiKey } = ring.create(request, 'open');
    expect(existsSync(path)).toBe(true);
    expect(() => ring.identify(null, now)).toThrow(/API key/);
    expect(ring.identify(key, now)).toMatchObject({ id: apiKey.id, scopes: ['watch'] });
    ring.revoke(apiKey.id, 'open');
    for (const presented of [null, key]) expect(() => ring.identify(presented, now)).toThrow();
    expect(ring.opens(apiKey.id, now)).toBe(false);
  });

  test('takes over the first key that another process has made', () => {
    const path = join(temporaryFolder(), 'access.sqlite');
    const ring = openRing(path);
    expect(ring.refresh()).toBe(false);
    const { key } = openStore(path).createKey(request, 'cli');
    expect(ring.refresh()).toBe(true);
    expect(ring.identify(key, now)).toMatchObject({ scopes: ['watch'] });
    expect(ring.refresh()).toBe(false);
  });

  test('lets nobody in who shows no key once there is a store that cannot be read', () => {
    const path = join(temporaryFolder(), 'access.sqlite');
    const ring = openRing(path);
    writeFileSync(path, 'not a database at all, whatever its name says');
    for (let time = 0; time < 2; time++) {
      expect(() => ring.refresh()).toThrow(/cannot be used/);
      expect(() => ring.identify(null, now)).toThrow(/API key/);
    }
    rmSync(path);
    const { key } = openStore(path).createKey(request, 'cli');
    expect(ring.refresh()).toBe(true);
    expect(ring.identify(key, now)).toMatchObject({ scopes: ['watch'] });
  });

  test('reads again what it could not read the last time', () => {
    const path = join(temporaryFolder(), 'access.sqlite');
    const store = openStore(path);
    const { key, apiKey } = store.createKey(request, 'cli');
    const ring = openRing(path);
    const db = openDatabase(path, { migrations, access: 'shared' });
    onTestFinished(() => db.close());
    const set = (scopes: string) =>
      db.run('update keys set scopes = ?, revoked_at_ms = 1 where id = ?', scopes, apiKey.id);
    // As a newer version would write them.
    set('["telepathy"]');
    for (let time = 0; time < 2; time++) expect(() => ring.refresh()).toThrow(/telepathy|Invalid/);
    expect(ring.identify(key, now)).toMatchObject({ id: apiKey.id });
    set('["watch"]');
    expect(ring.refresh()).toBe(true);
    expect(() => ring.identify(key, now)).toThrow(/API key/);
  });

  test('knows tokens for as long as they live, and as their key does', () => {
    const path = join(temporaryFolder(), 'access.sqlite');
    const ring = openRing(path, 'operator');
    const expiring = { ...request, expiresAtMs: now + 5_000 };
    const { apiKey } = ring.create(expiring, 'operator');
    const claims = { key: apiKey.id, scopes: ['watch'], room: 'hall' } as const;
    const long = ring.mint({ ...claims, expiresAtMs: now + 9_000 }, now);
    const short = ring.mint({ ...claims, expiresAtMs: now + 1_000 }, now);
    const known = { id: apiKey.id, room: 'hall', byToken: true };
    for (const token of [long, short]) expect(ring.identify(token, now)).toMatchObject(known);
    expect(() => ring.identify(short, now + 1_000)).toThrow('expired');
    expect(ring.identify(long, now + 4_999)).toMatchObject(known);
    expect(() => ring.identify(long, now + 5_000)).toThrow(/API key/);
    expect(() => ring.mint({ ...claims, expiresAtMs: now }, now + 5_000)).toThrow();
  });

  test('an operator’s tokens end with the operator’s key', () => {
    const path = join(temporaryFolder(), 'access.sqlite');
    const claims = {
      key: 'operator',
      scopes: ['watch'],
      room: null,
      expiresAtMs: now + 9,
    } as const;
    const token = openRing(path, 'one').mint(claims, now);
    expect(openRing(path, 'one').identify(token, now)).toMatchObject({ id: 'operator' });
    expect(() => openRing(path, 'two').identify(token, now)).toThrow(/API key/);
  });

  test('API_KEY does without a store that cannot be made', () => {
    let told = '';
    const file = join(temporaryFolder(), 'no-folder');
    writeFileSync(file, '');
    const ring = new KeyRing(join(file, 'access.sqlite'), 'operator', ({ code }) => {
      told = code;
    });
    onTestFinished(() => ring.close());
    expect(told).toBe('access_unavailable');
    expect(ring.identify('operator', now)).toMatchObject({ id: 'operator' });
    expect(() => ring.create(request, 'operator')).toThrow(/cannot be used/);
  });
});
