import type { Adapter } from './adapter.js';
import { type GenericOptions, genericAdapter } from './generic-adapter.js';
import { jitsiAdapter } from './jitsi-adapter.js';

export const services = ['auto', 'jitsi', 'generic'] as const;
export type Service = (typeof services)[number];

/** Hosts that are known to run Jitsi Meet; others are named with `--service jitsi`. */
const jitsiHosts = /(^|\.)(meet\.jit\.si|8x8\.vc)$|^(jitsi|meet)\./;

export function chooseAdapter(service: Service, meeting: URL, options: GenericOptions): Adapter {
  const isJitsi = service === 'jitsi' || (service === 'auto' && jitsiHosts.test(meeting.hostname));
  return isJitsi ? jitsiAdapter : genericAdapter(options);
}
