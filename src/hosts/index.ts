export type { KnownHost } from './host-directory.js';
export { InferenceHost, type InferenceHostOptions } from './inference-host.js';
export { InferenceHosts, type InferenceHostsHooks } from './inference-hosts.js';
export type { OfferedModel } from './messages.js';
export { NatsEngine } from './nats-engine.js';
