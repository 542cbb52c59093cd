import { join } from 'node:path';
import { packageRoot } from '../config/index.js';
import { GatewayError } from '../errors/index.js';
import { checkWindow } from './check-window.js';
import type { AudioWindow, Engine, EngineInfo, Hypothesis } from './engine.js';
import type { InferenceCall, InferenceReady, InferenceSetup, OnLog } from './messages.js';
import { ProcessKeeper } from './process-keeper.js';
import { SupervisedProcess } from './supervised-process.js';

export interface WorkerPoolOptions extends InferenceSetup {
  /** The model's name, for people. */
  readonly model: string;
  /** Longest time for a worker to load its model, and for a window to wait for a worker. */
  readonly startTimeoutMs: number;
  /** Longest time for one inference; then its worker is replaced. */
  readonly requestTimeoutMs: number;
  /** A worker died, or could not be started, and another is about to be. */
  readonly onRestart?: (error: GatewayError) => void;
  readonly onLog?: OnLog;
}

/** The engine on this machine: windows go to a forked worker, which is replaced when it dies. */
export interface WorkerPool extends Engine {
  /** How often a worker had to be replaced. */
  readonly restarts: number;
  /** Processes that are up. */
  readonly workerPids: readonly number[];
  /** Version of whisper.cpp. */
  readonly whisperVersion: string;
}

type Worker = SupervisedProcess<InferenceReady, InferenceCall, Hypothesis>;

/**
 * Starts the worker and resolves when its model is loaded.
 * @throws GatewayError `backend_unavailable`, `model_not_found`, `model_corrupt`,
 *   `model_load_failed` or `engine_out_of_memory`.
 */
export async function createWorkerPool(options: WorkerPoolOptions): Promise<WorkerPool> {
  const { addonPath, modelPath, gpu, flashAttention, slots, threads, cores } = options;
  const workers = await ProcessKeeper.start<Worker>({
    start: (signal) =>
      SupervisedProcess.start({
        entry: join(packageRoot, 'dist/engine/worker-main.js'),
        setup: { addonPath, modelPath, gpu, flashAttention, slots, threads, cores },
        startTimeoutMs: options.startTimeoutMs,
        requestTimeoutMs: options.requestTimeoutMs,
        onLog: options.onLog,
        signal,
      }),
    onRestart: options.onRestart,
  });
  return new ForkedWorkerPool(workers, options);
}

/** One worker whose slots share its weights. Several, one a GPU, would each have a keeper here. */
class ForkedWorkerPool implements WorkerPool {
  readonly info: EngineInfo;
  readonly slots: number;
  readonly whisperVersion: string;
  readonly #worker: ProcessKeeper<Worker>;
  readonly #startTimeoutMs: number;
  #active = 0;

  constructor(worker: ProcessKeeper<Worker>, options: WorkerPoolOptions) {
    const { backend, device, whisperVersion } = worker.first.ready;
    this.info = { model: options.model, device, backend };
    this.whisperVersion = whisperVersion;
    this.slots = options.slots;
    this.#worker = worker;
    this.#startTimeoutMs = options.startTimeoutMs;
  }

  get ready(): boolean {
    return this.#worker.current !== null;
  }

  get restarts(): number {
    return this.#worker.restarts;
  }

  get workerPids(): readonly number[] {
    return this.#worker.current ? [this.#worker.current.pid] : [];
  }

  async transcribe(window: AudioWindow, signal: AbortSignal): Promise<Hypothesis> {
    checkWindow(window);
    const { lane, pcm, options } = window;
    if (this.#active >= this.slots) {
      throw new GatewayError('engine_unavailable', { message: 'Every slot is taken.' });
    }
    this.#active++;
    try {
      // Waiting for a worker's replacement here is what lets live work be retried at once.
      const worker = await this.#worker.available(this.#startTimeoutMs, signal);
      const hypothesis = await worker.request({ lane, pcm, options }, signal);
      this.#worker.succeeded();
      return hypothesis;
    } finally {
      this.#active--;
    }
  }

  close(): Promise<void> {
    return this.#worker.close();
  }
}
