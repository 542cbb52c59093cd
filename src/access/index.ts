export { Access, type AccessLog, type TokenRequest } from './access.js';
export type { AccessOptions } from './access-options.js';
export { AccessStore, accessFile, type CreatedKey } from './access-store.js';
export type { ApiKey, KeyLimits, KeyRequest } from './api-key.js';
export type { AuditEntry } from './audit.js';
export { type Caller, mayEnter, mayManage, type Requirement, requireRoom } from './caller.js';
export { trustedProxies } from './client-address.js';
export type { AccessRequest } from './presented-key.js';
export { type DayUsage, dayOf } from './usage.js';
