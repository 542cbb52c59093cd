import { vi } from 'vitest';
import {
  type AudioWindow,
  type Hypothesis,
  ScriptedEngine,
  type ScriptedEngineOptions,
  spokenThrough,
} from '../../../src/engine/index.js';
import type { GatewayError } from '../../../src/errors/index.js';
import {
  createScheduler,
  type PerLane,
  type SchedulerHooks,
} from '../../../src/scheduler/index.js';
import { audioWindow } from '../../support/audio-window.js';
import { schedulerOptions } from '../../support/scheduler-options.js';

/** A scheduler over a scripted engine whose windows wait for `release`. */
export function setUp(
  given: Partial<ScriptedEngineOptions> & {
    maxQueued?: Partial<PerLane<number>>;
    hooks?: SchedulerHooks;
  } = {},
) {
  const { hooks = {}, ...scripted } = given;
  const script = (window: AudioWindow) => spokenThrough(window, nameOf(window));
  const engine = new ScriptedEngine({ script, held: true, ...scripted });
  const maxQueued = { ...schedulerOptions.maxQueued, ...given.maxQueued };
  const random = () => 0.5;
  const scheduler = createScheduler({ ...schedulerOptions, engine, maxQueued, hooks, random });
  return { engine, scheduler };
}

export function nameOf({ lane, sessionId }: AudioWindow): string {
  return `${lane}-${sessionId}`;
}

export const final = (sessionId: string) => audioWindow({ sessionId, lane: 'final' });
export const partial = (sessionId: string) => audioWindow({ sessionId, lane: 'partial' });
export const batch = (sessionId: string) => audioWindow({ sessionId, lane: 'batch' });

/** What became of a submission: its text, or the code of its error. */
export function outcome(submitted: Promise<Hypothesis>): Promise<string> {
  return submitted.then(
    (hypothesis) => hypothesis.segments.map((segment) => segment.text.trim()).join(' '),
    (error: GatewayError) => error.code,
  );
}

/** Lets everything happen that waits for nothing but its turn. */
export async function soon(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

/** Lets windows go one at a time until nothing runs; returns all that ever arrived, in order. */
export async function runAll(engine: ScriptedEngine): Promise<string[]> {
  await soon();
  while (engine.active > 0) {
    engine.release(1);
    await soon();
  }
  return engine.windows.map(nameOf);
}
