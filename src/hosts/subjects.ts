/** The names on NATS under which gateways and inference hosts meet. */
export interface Subjects {
  /** Hosts say how they are: every second, and when something changes. */
  readonly reports: string;
  /** A gateway has come, or is connected again, and wants to hear of every host. */
  readonly rollCall: string;
  /** What is asked of one host. */
  host(instance: string): string;
  /** What any host with this model may be asked: the queue group `workerGroup` listens. */
  model(name: string): string;
}

/** Of the hosts that have a model, NATS hands a request to one. */
export const workerGroup = 'workers';

/** @param prefix Keeps apart what has nothing to do with each other. */
export function subjectsOf(prefix: string): Subjects {
  return {
    reports: `${prefix}.hosts.reports`,
    rollCall: `${prefix}.hosts.roll_call`,
    host: (instance) => `${prefix}.hosts.calls.${instance}`,
    model: (name) => `${prefix}.windows.${tokenOf(name)}`,
  };
}

/** Any text as one token of a subject; two texts never have the same one. */
export function tokenOf(text: string): string {
  const escaped = [...Buffer.from(text)].map((byte) => {
    const char = String.fromCharCode(byte);
    return /[A-Za-z0-9-]/.test(char) ? char : `_${byte.toString(16).padStart(2, '0')}`;
  });
  return escaped.join('') || '_';
}
