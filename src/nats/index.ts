export { connectNats, type NatsHooks, type NatsOptions } from './connect-nats.js';
