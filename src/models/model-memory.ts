import { stat } from 'node:fs/promises';
import { workingBytesOf } from './catalog.js';
import { inspectModel } from './store/inspect-model.js';

/** Roughly what a model takes while it is loaded. */
export interface ModelMemory {
  /** Of the weights, which all inferences share. */
  readonly weightsBytes: number;
  /** Of each inference that may run at the same time. */
  readonly workingBytes: number;
}

/** From the file's size and dimensions; what it is called does not matter. */
export async function memoryOfFile(path: string): Promise<ModelMemory> {
  const { size } = await stat(path);
  // Whether it can be loaded is for the engine to say.
  const header = await inspectModel(path).catch(() => null);
  return { weightsBytes: size, workingBytes: workingBytesOf(header?.layers ?? null) };
}
