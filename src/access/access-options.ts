import type { Limits } from './allowance.js';
import type { TrustedProxies } from './client-address.js';

/** What the settings say about who may do what. */
export interface AccessOptions {
  /** Folder of the store. */
  readonly folder: string;
  /** The operator's own key. */
  readonly apiKey: string | undefined;
  /** Whether the gateway may be called by any name while there are no keys. */
  readonly openAccess: boolean;
  readonly allowedOrigins: readonly string[];
  readonly trustedProxies: TrustedProxies;
  /** Longest life of a token. */
  readonly maxTokenMs: number;
  /** Of each key that has none of its own. */
  readonly key: Limits & { readonly maxUploadBytes: number };
  /** Of each address. */
  readonly address: Limits;
  /** Wrong keys of one address. */
  readonly failuresAMinute: number;
}
