import { GatewayError } from '../errors/index.js';
import type { Scope } from '../protocol/index.js';

/** Who asks, as far as a request has shown. */
export interface Caller {
  /** The id of a key, `operator` for `API_KEY`, or `open` while there are no keys. */
  readonly id: string;
  readonly scopes: ReadonlySet<Scope>;
  /** The only room that it may speak in and watch; null for any. */
  readonly room: string | null;
  /** Whether it showed a token, and not the key itself. */
  readonly byToken: boolean;
  readonly address: string;
  /** Largest file that it may upload. */
  readonly maxUploadBytes: number;
}

/** What a route asks of its callers: a scope, any key at all, or nothing. */
export type Requirement = Scope | 'any' | 'none';

/** @throws GatewayError `insufficient_scope`. */
export function requireScope(caller: Caller, scope: Exclude<Requirement, 'none'>): void {
  if (scope === 'any' || caller.scopes.has(scope)) return;
  throw new GatewayError('insufficient_scope', {
    message: `This ${caller.byToken ? 'token' : 'key'} does not have the scope "${scope}".`,
  });
}

/** @param room None for what belongs to no room. */
export function mayEnter(caller: Caller, room: string | undefined): boolean {
  return caller.room === null || caller.room === room;
}

/** @throws GatewayError `room_not_allowed`. */
export function requireRoom(caller: Caller, room: string): void {
  if (mayEnter(caller, room)) return;
  throw new GatewayError('room_not_allowed', {
    message: `This token is for the room "${caller.room}" only.`,
  });
}

/** Whether a caller may see what another one has begun. @param owner An id; null where nobody noted it. */
export function mayManage(caller: Caller, owner: string | null): boolean {
  return caller.id === owner || caller.scopes.has('admin');
}
