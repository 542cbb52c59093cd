import type { AccessRequest } from './presented-key.js';

/** Which pages of browsers may ask. */
export interface OriginRules {
  /** Origins such as `https://app.example`; `*` for any. */
  readonly allowedOrigins: readonly string[];
  /** Whether the gateway may be asked under names of this machine only. */
  readonly localNamesOnly: boolean;
}

export type OriginVerdict =
  /** No page of another site asks. */
  | 'same_origin'
  /** A page of a site that may. */
  | 'allowed'
  | 'refused';

/**
 * Judges what a browser says about the page that asks; other programs say nothing of the kind. Where anybody on
 * this machine may do everything, the name that the gateway was asked under counts as well: a site whose name
 * was made to lead here would count as the same origin otherwise (DNS rebinding).
 */
export function judgeOrigin({ headers }: AccessRequest, rules: OriginRules): OriginVerdict {
  const { origin, host } = headers;
  const { allowedOrigins, localNamesOnly } = rules;
  const any = allowedOrigins.includes('*');
  if (localNamesOnly && !any && host !== undefined && !isLocalName(host)) {
    if (!allowedOrigins.some((allowed) => hostOf(allowed) === host.toLowerCase())) return 'refused';
  }
  if (origin === undefined) return 'same_origin';
  if (any || allowedOrigins.includes(origin)) return 'allowed';
  // The scheme is the proxy's, where there is one.
  return host !== undefined && hostOf(origin) === host.toLowerCase() ? 'same_origin' : 'refused';
}

/** Its name and its port; null of what is no origin, such as the `null` of a page from a file. */
function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

function isLocalName(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(name);
}
