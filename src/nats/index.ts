export { connectNats, followConnection, type NatsHooks, type NatsOptions } from './connect-nats.js';
