import type { GatewayError } from '../errors/index.js';
import type { MemoryRung } from './memory-ladder.js';

/** What a rung of the memory ladder means to people. @param slots At its top. */
export function memoryNote(
  worker: string,
  rung: MemoryRung,
  slots: number,
  modelName: string,
): string {
  if (rung.step === null) return `Memory is back on ${inWords(worker)}, which works as before.`;
  const begin = `Memory ran out on ${inWords(worker)}, which`;
  if (rung.onCpu) return `${begin} is left alone for a while.`;
  const given = [`${rung.slots} of ${slots} inferences at the same time`];
  if (rung.lean) given.push('short contexts');
  if (rung.fallbackModel) given.push(`the smaller model ${modelName}`);
  return `${begin} goes on with ${given.join(', ')}.`;
}

/** Why a worker is down, and until when. */
export function downNote(worker: string, { message }: GatewayError, nextTryMs: number): string {
  const seconds = Math.ceil(nextTryMs / 1000);
  const next = seconds > 0 ? `It is tried again in ${seconds} s.` : 'It is being tried again.';
  return `The worker on ${inWords(worker)} is down. ${message} ${next}`;
}

function inWords(worker: string): string {
  return worker === 'CPU' ? 'the CPU' : worker;
}
