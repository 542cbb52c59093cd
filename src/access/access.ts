import { join } from 'node:path';
import { GatewayError } from '../errors/index.js';
import { roomScopes, type Scope } from '../protocol/index.js';
import type { AccessOptions } from './access-options.js';
import { accessFile, type CreatedKey } from './access-store.js';
import { Allowance } from './allowance.js';
import { Allowances } from './allowances.js';
import type { ApiKey, KeyRequest } from './api-key.js';
import type { AuditEntry, NewAuditEntry } from './audit.js';
import { type Caller, type Requirement, requireScope } from './caller.js';
import { addressGroup, clientAddress } from './client-address.js';
import { Failures } from './failures.js';
import { type Credentials, KeyRing } from './key-ring.js';
import { judgeOrigin, type OriginVerdict } from './origins.js';
import { type AccessRequest, presentedKey } from './presented-key.js';
import { type DayUsage, dayOf } from './usage.js';
import { UsageBook } from './usage-book.js';

/** How often is looked for what other processes have changed, and for audio that was heard. */
const tickMs = 1_000;
/** How often usage is written down. */
const ticksAWrite = 5;

/** What is told of it to whoever operates the gateway. */
export interface AccessLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** What a token is asked for. */
export interface TokenRequest {
  readonly scopes: readonly Scope[];
  readonly room: string | null;
  readonly lifetimeMs: number;
}

interface AudioMeter {
  readonly caller: Caller;
  readonly heardMs: () => number;
  readonly end: (error: GatewayError) => void;
  /** Of what was heard, what is written down. */
  chargedMs: number;
}

/** Somebody who was let in, and is still there. */
interface Guest {
  readonly caller: Caller;
  readonly leave: (error: GatewayError) => void;
}

/**
 * The one door: who may use the gateway, for what and how much. Whatever server has accepted a request, it asks
 * here, and ends what it has begun where it is told so.
 */
export class Access {
  readonly #options: AccessOptions;
  readonly #log: AccessLog;
  readonly #ring: KeyRing;
  readonly #byKey: Allowances;
  readonly #byAddress: Allowances;
  readonly #failures: Failures;
  readonly #book = new UsageBook();
  readonly #guests = new Set<Guest>();
  readonly #meters = new Set<AudioMeter>();
  readonly #timer: NodeJS.Timeout;
  #ticks = 0;
  /** Why keys could not be read again the last time; empty where they could. */
  #unread = '';
  #closed = false;

  /** @throws GatewayError `access_unavailable`. */
  constructor(options: AccessOptions, log: AccessLog) {
    this.#options = options;
    this.#log = log;
    this.#ring = new KeyRing(join(options.folder, accessFile), options.apiKey, ({ message }) =>
      log.warn({ message }, 'tokens and usage are gone after a restart'),
    );
    this.#byKey = new Allowances((id) => this.#keyAllowance(id));
    this.#byAddress = new Allowances(
      () => new Allowance('This address', options.address, Date.now()),
    );
    this.#failures = new Failures(options.failuresAMinute);
    this.#timer = setInterval(() => this.#tick(), tickMs).unref();
  }

  /** Whether a key is needed. */
  get locked(): boolean {
    return this.#ring.locked;
  }

  /** What a browser says of the page that asks. */
  judgeOrigin(request: AccessRequest): OriginVerdict {
    const localNamesOnly = !this.locked && !this.#options.openAccess;
    return judgeOrigin(request, { ...this.#options, localNamesOnly });
  }

  /**
   * Lets a request in.
   * @throws GatewayError `origin_not_allowed`, `rate_limit_exceeded`, `invalid_api_key`, `insufficient_scope`.
   */
  admit(request: AccessRequest, needed: Exclude<Requirement, 'none'>): Caller {
    if (this.judgeOrigin(request) === 'refused') throw new GatewayError('origin_not_allowed');
    const now = Date.now();
    const address = addressGroup(clientAddress(request, this.#options.trustedProxies));
    this.#byAddress.of(address).request(now);
    const credentials = this.#identify(request, address, now);
    const caller = this.#toCaller(credentials, address);
    this.#limited(caller, () => this.#byKey.of(caller.id).request(now));
    this.#book.add(caller.id, { requests: 1 }, now);
    requireScope(caller, needed);
    return caller;
  }

  /**
   * A connection that stays. @returns What gives its place up; idempotent.
   * @throws GatewayError `too_many_connections`.
   */
  connect(caller: Caller): () => void {
    const allowances = this.#allowancesOf(caller);
    this.#limited(caller, () => {
      for (const each of allowances) each.requirePlace();
    });
    for (const each of allowances) each.connected();
    this.#book.add(caller.id, { connections: 1 }, Date.now());
    let left = false;
    return () => {
      if (left) return;
      left = true;
      for (const each of allowances) each.disconnected();
    };
  }

  /** Calls `leave` where the caller's key is revoked or expires. @returns What ends this; idempotent. */
  attend(caller: Caller, leave: (error: GatewayError) => void): () => void {
    const guest = { caller, leave };
    this.#guests.add(guest);
    return () => void this.#guests.delete(guest);
  }

  /**
   * Asked before any audio is taken.
   * @param caller Or the id of one whose address is not known.
   * @throws GatewayError `insufficient_quota`.
   */
  requireAudio(caller: Caller | string): void {
    const now = Date.now();
    this.#limited(caller, () => {
      for (const each of this.#allowancesOf(caller)) each.requireAudio(now);
    });
  }

  /** Writes down audio that was heard. @param caller Or the id of one whose address is not known. */
  heard(caller: Caller | string, audioMs: number): void {
    if (audioMs <= 0 || this.#closed) return;
    const now = Date.now();
    for (const each of this.#allowancesOf(caller)) each.heard(audioMs, now);
    this.#book.add(idOf(caller), { audioMs }, now);
  }

  /**
   * Follows live audio: what was heard of it counts at once, and `end` is called where no more may be.
   * @param heardMs How much there was so far.
   * @returns What ends this; told how much there was in all.
   */
  meterAudio(
    caller: Caller,
    heardMs: () => number,
    end: (error: GatewayError) => void,
  ): (totalMs: number) => void {
    const meter = { caller, heardMs, end, chargedMs: 0 };
    this.#meters.add(meter);
    return (totalMs) => {
      if (this.#meters.delete(meter)) this.#charge(meter, totalMs);
    };
  }

  /** Characters that were to be spoken. */
  spoke(caller: Caller, speechCharacters: number): void {
    this.#book.add(caller.id, { speechCharacters }, Date.now());
  }

  /**
   * A token for less than its caller may do, to hand to a browser.
   * @throws GatewayError `insufficient_scope`, `bad_field`.
   */
  createToken(caller: Caller, { scopes, room, lifetimeMs }: TokenRequest) {
    if (caller.byToken) {
      throw new GatewayError('insufficient_scope', { message: 'Tokens are made with a key.' });
    }
    for (const scope of scopes) requireScope(caller, scope);
    if (scopes.includes('admin')) throw badField('A token is not for administration.', 'scopes');
    const unbound = scopes.find((scope) => !roomScopes.some((each) => each === scope));
    if (room !== null && unbound !== undefined) {
      throw badField(`A token for a room cannot have the scope "${unbound}".`, 'scopes');
    }
    const now = Date.now();
    const expiresAtMs = now + Math.min(lifetimeMs, this.#options.maxTokenMs);
    const token = this.#ring.mint({ key: caller.id, scopes, room, expiresAtMs }, now);
    this.audit({
      actor: caller.id,
      action: 'token_created',
      detail: { scopes, room, expiresAtMs },
    });
    return { token, expiresAtMs };
  }

  /** All that there ever were. */
  keys(): ApiKey[] {
    return this.#ring.store.keys();
  }

  /** @throws GatewayError `access_unavailable`. */
  createKey(request: KeyRequest, actor: string): CreatedKey {
    const created = this.#ring.create(request, actor);
    this.#log.info({ actor, keyId: created.apiKey.id, scopes: request.scopes }, 'key created');
    return created;
  }

  /** Ends what was begun with it, too. @throws GatewayError `not_found`. */
  revokeKey(id: string, actor: string): ApiKey {
    const revoked = this.#ring.revoke(id, actor);
    this.#log.info({ actor, keyId: id }, 'key revoked');
    this.#dismiss();
    return revoked;
  }

  /** From one day to another, both included. @param key Only of this one. */
  usage(from: string, to: string, key?: string): DayUsage[] {
    this.#book.writeTo(this.#ring.store);
    return this.#ring.store.usage(from, to, key);
  }

  /** Never throws: where the disk says no, the log still has it. */
  audit(entry: NewAuditEntry): void {
    this.#log.info({ audit: entry }, 'audit');
    try {
      this.#ring.store.audit(entry);
    } catch (error) {
      this.#log.warn({ error }, 'what was done could not be written down');
    }
  }

  /** The newest first. */
  auditEntries(limit: number, before?: number): AuditEntry[] {
    return this.#ring.store.auditEntries(limit, before);
  }

  /** Idempotent. Never rejects. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#write();
    this.#ring.close();
  }

  #identify(request: AccessRequest, address: string, now: number): Credentials {
    const refusal = this.#failures.refusal(address, now);
    const presented = presentedKey(request);
    let credentials: Credentials;
    try {
      credentials = this.#ring.identify(presented, now);
    } catch (error) {
      if (refusal) throw refusal;
      if (presented !== null && this.#failures.note(address, now)) {
        this.#log.warn({ address }, 'wrong key');
        this.audit({ actor: 'nobody', action: 'key_refused', subject: address });
      }
      throw error;
    }
    // People may have thought of `API_KEY` themselves. All others are random: whoever shows one has not
    // guessed it, and is not to be kept out by others behind the same address.
    if (refusal && credentials.id === 'operator' && !credentials.byToken) throw refusal;
    return credentials;
  }

  #toCaller(credentials: Credentials, address: string): Caller {
    const { id, scopes, room, byToken } = credentials;
    const ofKey = this.#ring.limitsOf(id).maxUploadBytes ?? this.#options.key.maxUploadBytes;
    const maxUploadBytes = ofKey === 0 ? Number.POSITIVE_INFINITY : ofKey;
    return { id, scopes: new Set(scopes), room, byToken, address, maxUploadBytes };
  }

  #keyAllowance(id: string): Allowance {
    const own = this.#ring.limitsOf(id);
    const { key: usual } = this.#options;
    const now = Date.now();
    const today = dayOf(now);
    const [used] = this.#ring.store.usage(today, today, id);
    const limits = {
      maxConnections: own.maxConnections ?? usual.maxConnections,
      requestsAMinute: own.requestsAMinute ?? usual.requestsAMinute,
      audioSecondsADay: own.audioSecondsADay ?? usual.audioSecondsADay,
    };
    return new Allowance(`The key ${id}`, limits, now, used?.audioMs);
  }

  #allowancesOf(caller: Caller | string): Allowance[] {
    const ofKey = this.#byKey.of(idOf(caller));
    return typeof caller === 'string' ? [ofKey] : [ofKey, this.#byAddress.of(caller.address)];
  }

  /** Counts how often limits are met. */
  #limited(caller: Caller | string, check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#book.add(idOf(caller), { refused: 1 }, Date.now());
      throw error;
    }
  }

  #tick(): void {
    const now = Date.now();
    for (const meter of this.#meters) this.#follow(meter);
    this.#refresh();
    this.#dismiss();
    if (++this.#ticks % ticksAWrite !== 0) return;
    this.#write();
    for (const remembered of [this.#byKey, this.#byAddress, this.#failures]) remembered.tidy(now);
  }

  #refresh(): void {
    try {
      if (this.#ring.refresh()) this.#log.info({}, 'keys read again');
      this.#unread = '';
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.#unread) this.#log.warn({ message }, 'keys could not be read again');
      this.#unread = message;
    }
  }

  #follow(meter: AudioMeter): void {
    this.#charge(meter, meter.heardMs());
    try {
      this.requireAudio(meter.caller);
    } catch (error) {
      meter.end(GatewayError.from(error));
    }
  }

  #charge(meter: AudioMeter, totalMs: number): void {
    this.heard(meter.caller, totalMs - meter.chargedMs);
    meter.chargedMs = Math.max(meter.chargedMs, totalMs);
  }

  /** Ends what was begun with keys that open nothing any more. */
  #dismiss(): void {
    const now = Date.now();
    for (const guest of this.#guests) {
      if (this.#ring.opens(guest.caller.id, now)) continue;
      this.#guests.delete(guest);
      const message = 'This key was revoked, or has expired.';
      guest.leave(new GatewayError('invalid_api_key', { message }));
    }
  }

  #write(): void {
    try {
      this.#book.writeTo(this.#ring.store);
    } catch (error) {
      this.#log.warn({ error }, 'usage could not be written down');
    }
  }
}

function idOf(caller: Caller | string): string {
  return typeof caller === 'string' ? caller : caller.id;
}

function badField(message: string, param: string): GatewayError {
  return new GatewayError('bad_field', { message, param });
}
