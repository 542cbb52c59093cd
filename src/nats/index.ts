export { connectNats, followConnection, type NatsHooks, type NatsOptions } from './connect-nats.js';
export { isConflict } from './is-conflict.js';
