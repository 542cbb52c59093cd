import { GatewayError } from '../errors/index.js';
import type { NativeModel, NativeState } from './native-binding.js';

/** The working memory of the inferences that may run at the same time. */
export interface StatePool {
  /** States that are taken. */
  readonly busy: number;
  /**
   * A state that is idle, or a new one in the place of one that was lost.
   * @throws GatewayError `engine_unavailable` beyond the slots; the addon's error where memory lacks.
   */
  take(): Promise<NativeState>;
  /** Gives a state back. One that has failed is in no condition to be used again. */
  give(state: NativeState, failed: boolean): void;
  /** Frees what is surplus, as soon as it is idle, or opens what is missing. @throws as `take`. */
  resize(slots: number): Promise<void>;
}

export function createStatePool(model: NativeModel): StatePool {
  const idle: NativeState[] = [];
  let slots = 0;
  /** Idle, taken, and being opened. */
  let open = 0;
  /** Settles when `resize` has opened what it could. Never rejects. */
  let resized: Promise<unknown> = Promise.resolve();

  async function openState(): Promise<NativeState> {
    open++;
    try {
      return await model.createState();
    } catch (error) {
      open--;
      throw error;
    }
  }

  async function openMissing(): Promise<void> {
    while (open < slots) idle.push(await openState());
  }

  function free(state: NativeState): void {
    state.free();
    open--;
  }

  return {
    get busy() {
      return open - idle.length;
    },
    async take() {
      if (idle.length === 0 && open >= slots) await resized;
      const state = idle.pop();
      if (state) return state;
      // The pool in the gateway never asks for more than there are slots.
      if (open >= slots) throw new GatewayError('engine_unavailable');
      return await openState();
    },
    give(state, failed) {
      if (failed || open > slots) free(state);
      else idle.push(state);
    },
    resize(wanted) {
      slots = wanted;
      while (open > slots) {
        const state = idle.pop();
        if (!state) break;
        free(state);
      }
      const opened = openMissing();
      resized = opened.catch(() => {});
      return opened;
    },
  };
}
