export type { Adapter, Joining } from './adapter.js';
export { chooseAdapter, type Service, services } from './choose-adapter.js';
export type { GenericOptions } from './generic-adapter.js';
