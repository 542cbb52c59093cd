import {
  type AudioWindow,
  checkWindow,
  type Engine,
  type EngineInfo,
  type Hypothesis,
  type WorkerGpu,
} from '../engine/index.js';
import { GatewayError } from '../errors/index.js';
import type { KnownHost } from './host-directory.js';
import type { InferenceHosts } from './inference-hosts.js';

/** The hosts that have one model, as an engine. Processes and GPUs are the hosts' own: it has none. */
export class NatsEngine implements Engine {
  readonly workerPids: readonly number[] = [];
  readonly gpus: readonly WorkerGpu[] = [];
  readonly #model: string;
  readonly #hosts: InferenceHosts;
  readonly #listeners: ((slots: number) => void)[] = [];
  readonly #closing = new AbortController();
  readonly #onChange = () => this.#tellSlots();
  #info: Pick<EngineInfo, 'device' | 'backend'> = { device: 'cpu', backend: 'cpu' };
  #slots: number;
  #active = 0;

  constructor(model: string, hosts: InferenceHosts) {
    this.#model = model;
    this.#hosts = hosts;
    this.#slots = this.slots;
    hosts.changes.on('change', this.#onChange);
  }

  /** Of the hosts that are there, or were there last. */
  get info(): EngineInfo {
    const reports = this.#offering.map(({ report }) => report);
    if (reports.length > 0) {
      const device = [...new Set(reports.map((report) => report.device))].join(', ');
      const backend = reports.some((report) => report.backend === 'cuda') ? 'cuda' : 'cpu';
      this.#info = { device, backend: reports[0]?.backend === 'scripted' ? 'scripted' : backend };
    }
    return { model: this.#model, ...this.#info };
  }

  get ready(): boolean {
    return !this.#closed && this.#offering.some(({ usable }) => usable);
  }

  /** Those of all hosts that take windows; one that takes no more counts for what it is still doing. */
  get slots(): number {
    const slots = this.#offering.map(({ usable, report, own }) => (usable ? report.slots : own));
    return Math.max(
      1,
      slots.reduce((sum, each) => sum + each, 0),
    );
  }

  /** Hosts that were lost, and workers that hosts have replaced. */
  get restarts(): number {
    return this.#hosts.lost;
  }

  get notes(): readonly string[] {
    return this.#hosts.notesOn(this.#model);
  }

  onSlotsChanged(listener: (slots: number) => void): void {
    this.#listeners.push(listener);
  }

  async transcribe(window: AudioWindow, signal: AbortSignal): Promise<Hypothesis> {
    checkWindow(window);
    if (this.#closed) throw new GatewayError('engine_unavailable');
    if (signal.aborted) throw new GatewayError('cancelled');
    if (this.#active >= this.slots) {
      throw new GatewayError('engine_unavailable', { message: 'Every slot is taken.' });
    }
    this.#active++;
    const either = AbortSignal.any([signal, this.#closing.signal]);
    try {
      return await this.#hosts.transcribe({ ...window, model: this.#model }, either);
    } catch (error) {
      if (this.#closed && !signal.aborted) throw new GatewayError('engine_unavailable');
      throw error;
    } finally {
      this.#active--;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#hosts.changes.off('change', this.#onChange);
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted || this.#hosts.closed;
  }

  get #offering(): readonly KnownHost[] {
    return this.#hosts.all.filter(({ report }) =>
      report.models.some(({ name }) => name === this.#model),
    );
  }

  #tellSlots(): void {
    const { slots } = this;
    if (slots === this.#slots) return;
    this.#slots = slots;
    for (const listener of this.#listeners) listener(slots);
  }
}
