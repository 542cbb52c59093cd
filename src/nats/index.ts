export { connectNats, followConnection, type NatsHooks, type NatsOptions } from './connect-nats.js';
export { JetStreamSessionStore } from './jetstream-session-store.js';
