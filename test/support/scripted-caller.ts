import type { Caller } from '../../src/access/index.js';
import { scopes } from '../../src/protocol/index.js';

/** Somebody who may do everything, unless a test says otherwise. */
export function scriptedCaller(fields: Partial<Caller> = {}): Caller {
  return {
    id: 'open',
    scopes: new Set(scopes),
    room: null,
    byToken: false,
    address: '127.0.0.1',
    maxUploadBytes: Number.POSITIVE_INFINITY,
    ...fields,
  };
}
