import { existsSync } from 'node:fs';
import { GatewayError } from '../errors/index.js';
import { scopes as allScopes, type Scope } from '../protocol/index.js';
import { AccessStore, type CreatedKey } from './access-store.js';
import { type ApiKey, isValid, type KeyLimits, type KeyRequest, noLimits } from './api-key.js';
import { digestOf, keyIdOf, sameDigest } from './secret-key.js';
import { readToken, signingKeyOf, type TokenClaims, writeToken } from './token.js';

/** What a key, or a token, opens. */
export interface Credentials {
  readonly id: string;
  readonly scopes: readonly Scope[];
  readonly room: string | null;
  readonly byToken: boolean;
}

/** A digest that no key has, to compare with where there is no key: that takes as long. */
const nobodysDigest = digestOf('');
/** What `API_KEY` opens, and what everybody has while there are no keys. */
const everything = { scopes: allScopes, room: null, byToken: false };

/**
 * The keys that open this gateway: `API_KEY`, and those of the store. While there is neither, everybody may do
 * everything. The store is created with the first key, or at once where there is an `API_KEY`; until then this
 * process makes do with one in memory.
 */
export class KeyRing {
  readonly #path: string;
  readonly #operatorDigest: string | null;
  #store: AccessStore;
  #keys = new Map<string, ApiKey>();
  #secret: string;
  /** Whether there is something in the store that was not read yet. */
  #stale = false;

  /**
   * @param onFleeting Told why the store cannot be created, where `API_KEY` does without it.
   * @throws GatewayError `access_unavailable` where there is a store that cannot be read: who was shut out by
   *   it has to stay out.
   */
  constructor(path: string, apiKey: string | undefined, onFleeting: (error: GatewayError) => void) {
    this.#path = path;
    this.#operatorDigest = apiKey === undefined ? null : digestOf(apiKey);
    this.#store = existsSync(path) ? AccessStore.open(path) : AccessStore.inMemory();
    if (this.#store.fleeting && apiKey !== undefined) {
      try {
        this.#store = AccessStore.open(path);
      } catch (error) {
        onFleeting(GatewayError.from(error));
      }
    }
    this.#secret = this.#store.secret();
    this.#read();
  }

  get store(): AccessStore {
    return this.#store;
  }

  /**
   * Whether a key is needed. Revoking the last one does not open the gateway to everybody, and neither does a
   * store that has just appeared and cannot be read: somebody has made a key.
   */
  get locked(): boolean {
    return this.#operatorDigest !== null || this.#keys.size > 0 || this.#stale;
  }

  /** What a key of this id may take, whoever asks. */
  limitsOf(id: string): KeyLimits {
    return this.#keys.get(id)?.limits ?? noLimits;
  }

  /** @throws GatewayError `invalid_api_key`. */
  identify(presented: string | null, nowMs: number): Credentials {
    if (!this.locked) return { id: 'open', ...everything };
    if (presented === null) throw new GatewayError('invalid_api_key');
    return this.#byToken(presented, nowMs) ?? this.#byKey(presented, nowMs);
  }

  /** Whether whoever was let in with this key would be still. */
  opens(id: string, nowMs: number): boolean {
    if (id === 'open') return true;
    return this.#signer(id, nowMs) !== null;
  }

  /** A token of a key that was identified. */
  mint(claims: TokenClaims, nowMs: number): string {
    const digest = this.#signer(claims.key, nowMs);
    if (digest === null) throw new GatewayError('invalid_api_key');
    return writeToken(claims, signingKeyOf(this.#secret, digest));
  }

  /** @throws GatewayError `access_unavailable`. */
  create(request: KeyRequest, actor: string): CreatedKey {
    if (this.#store.fleeting) this.#keep();
    const created = this.#store.createKey(request, actor);
    this.#read();
    return created;
  }

  /** @throws GatewayError `not_found`. */
  revoke(id: string, actor: string): ApiKey {
    const revoked = this.#store.revokeKey(id, actor);
    this.#read();
    return revoked;
  }

  /**
   * Takes over what another process has changed; what cannot be read is tried again the next time.
   * @returns Whether that was anything.
   * @throws GatewayError `access_unavailable`, or what SQLite says.
   */
  refresh(): boolean {
    const appeared = this.#store.fleeting && existsSync(this.#path);
    if (appeared || this.#store.changed()) this.#stale = true;
    if (!this.#stale) return false;
    if (appeared) this.#keep();
    this.#read();
    return true;
  }

  close(): void {
    this.#store.close();
  }

  /** From the store in memory to one that stays. */
  #keep(): void {
    const kept = AccessStore.open(this.#path);
    this.#store.close();
    this.#store = kept;
    this.#secret = kept.secret();
  }

  #read(): void {
    this.#keys = new Map(this.#store.keys().map((key) => [key.id, key]));
    this.#stale = false;
  }

  #byToken(presented: string, nowMs: number): Credentials | null {
    const token = readToken(presented);
    if (!token) return null;
    const { key, scopes, room, expiresAtMs } = token.claims;
    const digest = this.#signer(key, nowMs);
    const signed = token.isSignedBy(signingKeyOf(this.#secret, digest ?? nobodysDigest));
    if (digest === null || !signed) throw new GatewayError('invalid_api_key');
    if (expiresAtMs <= nowMs) {
      throw new GatewayError('invalid_api_key', { message: 'This token has expired.' });
    }
    return { id: key, scopes, room, byToken: true };
  }

  #byKey(presented: string, nowMs: number): Credentials {
    const digest = digestOf(presented);
    const key = this.#keys.get(keyIdOf(presented) ?? '');
    const isOperator = sameDigest(digest, this.#operatorDigest ?? nobodysDigest);
    const isKey = sameDigest(digest, key?.digest ?? nobodysDigest);
    if (isOperator && this.#operatorDigest !== null) return { id: 'operator', ...everything };
    if (!key || !isKey || !isValid(key, nowMs)) throw new GatewayError('invalid_api_key');
    return { id: key.id, scopes: key.scopes, room: null, byToken: false };
  }

  /** What the tokens of a key are signed with the help of; null where it opens nothing now. */
  #signer(id: string, nowMs: number): string | null {
    if (id === 'operator') return this.#operatorDigest;
    if (id === 'open') return this.locked ? null : nobodysDigest;
    const key = this.#keys.get(id);
    return key && isValid(key, nowMs) ? key.digest : null;
  }
}
