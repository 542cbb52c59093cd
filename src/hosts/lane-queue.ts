import type { Lane } from '../engine/index.js';
import { GatewayError } from '../errors/index.js';

const byUrgency = ['final', 'partial', 'batch'] as const satisfies readonly Lane[];

/**
 * Who of several gateways is next at one host: finals before partials before batch, and in each lane
 * whoever came first. What runs is left alone: whoever asked for it may cancel it (docs/adr/0013).
 */
export class LaneQueue {
  readonly #slots: () => number;
  readonly #waiting: { readonly [lane in Lane]: Set<() => void> } = {
    final: new Set(),
    partial: new Set(),
    batch: new Set(),
  };
  #running = 0;

  /** @param slots How many may run; `look` has to be called when there are more. */
  constructor(slots: () => number) {
    this.#slots = slots;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return byUrgency.reduce((sum, lane) => sum + this.#waiting[lane].size, 0);
  }

  /** Settles as `work`, which is called when it is its turn. @throws GatewayError `cancelled` before that. */
  async run<T>(lane: Lane, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#turn(lane, signal);
    try {
      return await work();
    } finally {
      this.#running--;
      this.look();
    }
  }

  /** Lets those begin that can. */
  look(): void {
    while (this.#running < this.#slots()) {
      const lane = byUrgency.find((each) => this.#waiting[each].size > 0);
      if (lane === undefined) return;
      const [begin] = this.#waiting[lane];
      begin?.();
    }
  }

  #turn(lane: Lane, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(new GatewayError('cancelled'));
      const leave = () => {
        this.#waiting[lane].delete(begin);
        signal.removeEventListener('abort', cancel);
      };
      const begin = () => {
        leave();
        this.#running++;
        resolve();
      };
      const cancel = () => {
        leave();
        reject(new GatewayError('cancelled'));
      };
      signal.addEventListener('abort', cancel);
      this.#waiting[lane].add(begin);
      this.look();
    });
  }
}
