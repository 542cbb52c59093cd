import { join } from 'node:path';
import { packageRoot } from '../config/index.js';
import { GatewayError } from '../errors/index.js';
import type { AudioWindow, Hypothesis, WorkerGpu } from './engine.js';
import { leanOptions } from './lean-options.js';
import {
  createMemoryLadder,
  type MemoryLadder,
  type MemoryRung,
  type MemoryStep,
  memoryRungs,
} from './memory-ladder.js';
import type { InferenceCall, InferenceReady, InferenceResult, InferenceSetup } from './messages.js';
import type { NativeDevice } from './native-binding.js';
import type { PoolDevice, PoolModel, PoolWorkerOptions } from './pool-options.js';
import { type KeeperState, ProcessKeeper } from './process-keeper.js';
import { SupervisedProcess } from './supervised-process.js';
import { downNote, memoryNote } from './worker-notes.js';

type Worker = SupervisedProcess<InferenceReady, InferenceCall, InferenceResult>;

/**
 * One device of a pool: a process that is kept alive there, and what was given up while memory is
 * short. Its pool reserves a slot, and then has it transcribe one window.
 */
export class PoolWorker {
  /** For people. */
  readonly name: string;
  /** Settles when the first process is up, or could not be started. */
  readonly started: Promise<unknown>;
  readonly #device: PoolDevice;
  readonly #options: PoolWorkerOptions;
  readonly #onChange: () => void;
  readonly #ladder: MemoryLadder;
  readonly #keeper: ProcessKeeper<Worker>;
  /** What waits until no inference runs; meanwhile none is begun. */
  #onIdle: (() => void)[] = [];
  /** Whether the process opens memory: one that dies of nothing known then has died of that. */
  #resizing = false;
  #quietTimer: NodeJS.Timeout | undefined;
  #busy = 0;
  #closing: Promise<void> | undefined;

  /** @param onChange Called whenever slots, work or state have changed. */
  constructor(device: PoolDevice, options: PoolWorkerOptions, onChange: () => void) {
    const { slots, gpu } = device;
    const { fallbackModel, hooks } = options;
    this.name = gpu === null ? 'CPU' : `GPU ${gpu}`;
    this.#device = device;
    this.#options = options;
    this.#onChange = onChange;
    const rungs = memoryRungs({ slots, fallbackModel: !!fallbackModel, gpu: gpu !== null });
    this.#ladder = createMemoryLadder(rungs, options.memoryQuietMs);
    this.#keeper = new ProcessKeeper<Worker>({
      start: (signal) => this.#start(signal),
      breaker: options.breaker,
      onRestart: (error) => hooks?.onRestart?.(error, this.name),
      onOpen: (error, pauseMs) => hooks?.onOpen?.(error, this.name, pauseMs),
      mend: (error) => (isOutOfMemory(error) || this.#resizing) && this.#giveUpMore(),
    });
    this.#keeper.changes.on('change', onChange);
    this.started = this.#keeper.started.catch(() => {});
  }

  /** `down` where no work should wait for it. */
  get state(): KeeperState {
    return this.#keeper.state;
  }

  /** Inferences at the same time, those of a process that is about to be up included. */
  get slots(): number {
    return this.state === 'down' ? 0 : this.#ladder.rung.slots;
  }

  /** Whether a window would be worked on right now. */
  get free(): boolean {
    return this.state === 'up' && this.#onIdle.length === 0 && this.#busy < this.slots;
  }

  /** Share of its slots that are taken: 0 … 1, or more where they have just become fewer. */
  get load(): number {
    return this.#busy / Math.max(1, this.slots);
  }

  /** What the process that is up has found; null while there is none. */
  get ready(): InferenceReady | null {
    return this.#keeper.current?.ready ?? null;
  }

  /** The GPU of the process that is up; null on the CPU, and while there is none. */
  get gpu(): WorkerGpu | null {
    const { gpu } = this.#device;
    const device = gpu === null ? undefined : this.#devices('gpu')[gpu];
    return gpu !== null && device ? { gpu, device } : null;
  }

  /** Bytes that the device had left when its process was ready. */
  get freeMemory(): number {
    const device = this.#device.gpu === null ? this.#devices('cpu')[0] : this.gpu?.device;
    return device?.freeMemory ?? 0;
  }

  get pid(): number | null {
    return this.#keeper.current?.pid ?? null;
  }

  get model(): PoolModel {
    const { model, fallbackModel } = this.#options;
    return (this.#ladder.rung.fallbackModel && fallbackModel) || model;
  }

  get restarts(): number {
    return this.#keeper.restarts;
  }

  /** Why it is down; null where it is not. */
  get failure(): GatewayError | null {
    return this.#keeper.failure;
  }

  /** Milliseconds until a process is started, while it is down. */
  get nextTryMs(): number {
    return this.#keeper.nextTryMs;
  }

  /** What is not as it should be. */
  get notes(): readonly string[] {
    const { rung } = this.#ladder;
    const notes = rung.step ? [this.#memoryNote()] : [];
    if (!this.failure || rung.onCpu) return notes;
    return [...notes, downNote(this.name, this.failure, this.nextTryMs)];
  }

  /** Takes one of the free slots, for the one `transcribe` that has to follow. */
  reserve(): void {
    this.#busy++;
  }

  /** Works on one window in a slot that was reserved. @throws as `Engine.transcribe`. */
  async transcribe(window: AudioWindow, signal: AbortSignal): Promise<Hypothesis> {
    const { lane, pcm, options, failures = 0 } = window;
    const { rung } = this.#ladder;
    const { requestTimeoutMs, liveTimeoutMs } = this.#options;
    const { flashAttention = false } = this.#device;
    const process = this.#keeper.current;
    try {
      if (!process) throw new GatewayError('engine_unavailable');
      const lean = rung.lean ? leanOptions(options, pcm.length, flashAttention) : options;
      const timeoutMs = (lane === 'batch' ? requestTimeoutMs : liveTimeoutMs) * 2 ** failures;
      const call = { kind: 'transcribe', lane, pcm, options: lean } as const;
      const hypothesis = await process.request(call, signal, timeoutMs);
      this.#keeper.succeeded();
      // Null answers `resize` only.
      return hypothesis as Hypothesis;
    } catch (error) {
      // Where the process is gone the keeper asks. What began on a higher rung is answered already.
      const answered = process?.alive && this.#ladder.rung === rung;
      if (answered && isOutOfMemory(error) && !this.#giveUpMore()) this.#refresh();
      throw error;
    } finally {
      this.#busy--;
      this.#workEnded();
    }
  }

  /** Takes no more work, and closes once what runs has ended. */
  async retire(): Promise<void> {
    await new Promise<void>((resolve) => this.#whenIdle(resolve));
    await this.close();
  }

  /** Ends the process. Idempotent. Never rejects. */
  close(): Promise<void> {
    clearTimeout(this.#quietTimer);
    this.#closing ??= this.#keeper.close();
    return this.#closing;
  }

  #start(signal: AbortSignal): Promise<Worker> {
    const { gpu, addonPath, flashAttention = false } = this.#device;
    const { threads, cores, onLog } = this.#options;
    const { slots } = this.#ladder.rung;
    this.#resizing = false;
    const setup = { addonPath, modelPath: this.model.path, gpu, flashAttention, threads, cores };
    return SupervisedProcess.start({
      entry: join(packageRoot, 'dist/engine/worker-main.js'),
      setup: { ...setup, slots } satisfies InferenceSetup,
      startTimeoutMs: this.#options.startTimeoutMs,
      requestTimeoutMs: this.#options.requestTimeoutMs,
      abortTimeoutMs: this.#options.abortTimeoutMs,
      onLog,
      signal,
    });
  }

  /** Memory ran out. False where nothing is left to give up. */
  #giveUpMore(): boolean {
    const before = this.#ladder.rung;
    const moved = this.#ladder.descend();
    this.#startQuietTimer();
    if (moved) this.#moved(before, 'down');
    return moved;
  }

  /** A fresh process, whose memory is not in pieces, may do what this one cannot. */
  #refresh(): void {
    this.#whenIdle(() => this.#keeper.replace());
  }

  #startQuietTimer(): void {
    clearTimeout(this.#quietTimer);
    if (this.#ladder.settled || this.#closing !== undefined) return;
    this.#quietTimer = setTimeout(() => this.#takeBack(), this.#ladder.quietMs).unref();
  }

  /** It was quiet: what was given up last is taken back. */
  #takeBack(): void {
    const before = this.#ladder.rung;
    const settled = this.state === 'up' && this.#onIdle.length === 0;
    if ((settled || before.onCpu) && this.#ladder.climb()) this.#moved(before, 'up');
    this.#startQuietTimer();
  }

  /** Carries out a move on the ladder. A process that is only about to start follows it by itself. */
  #moved(before: MemoryRung, direction: 'down' | 'up'): void {
    const { rung } = this.#ladder;
    const step = (direction === 'down' ? rung : before).step as MemoryStep;
    const note = this.#memoryNote();
    this.#options.hooks?.onMemoryStep?.({ worker: this.name, step, direction, note });
    if (before.onCpu) this.#keeper.release();
    else if (rung.onCpu) this.#whenIdle(() => this.#keeper.hold(outOfMemory()));
    else if (rung.fallbackModel !== before.fallbackModel) {
      if (this.state === 'up') this.#refresh();
    } else void this.#resize();
    this.#onChange();
  }

  /** Has the process open or free what it takes for its slots; one that was lost is opened again. */
  async #resize(): Promise<void> {
    const process = this.#keeper.current;
    if (!process) return;
    const { rung } = this.#ladder;
    this.#resizing = true;
    try {
      await process.request({ kind: 'resize', slots: rung.slots });
    } catch (error) {
      if (!process.alive || this.#ladder.rung !== rung) return;
      if (!isOutOfMemory(error) || !this.#giveUpMore()) this.#refresh();
    } finally {
      // Where it has died the keeper has still to ask.
      this.#resizing = !process.alive;
    }
  }

  #devices(kind: NativeDevice['kind']): readonly NativeDevice[] {
    return (this.ready?.devices ?? []).filter((device) => device.kind === kind);
  }

  #whenIdle(action: () => void): void {
    this.#onIdle.push(action);
    this.#workEnded();
  }

  #workEnded(): void {
    if (this.#busy === 0) for (const action of this.#onIdle.splice(0)) action();
    this.#onChange();
  }

  #memoryNote(): string {
    return memoryNote(this.name, this.#ladder.rung, this.#device.slots, this.model.name);
  }
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof GatewayError && error.code === 'engine_out_of_memory';
}

function outOfMemory(): GatewayError {
  return new GatewayError('engine_out_of_memory');
}
