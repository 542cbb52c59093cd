import { type Signal, useSignal } from '@preact/signals';
import { ClientError } from '../../../js/src/index.js';
import { keyNeeded } from '../gateway.js';
import { look } from './monitor-store.js';

/** Something an operator asks for, and what came of it. */
export interface Action {
  /** What is under way; null for nothing. */
  readonly busy: Signal<string | null>;
  readonly said: Signal<{ readonly text: string; readonly failed: boolean } | null>;
  /** @param work Answers with a sentence that says what was done. */
  run(name: string, work: () => Promise<string>): Promise<void>;
}

export function useAction(): Action {
  const busy = useSignal<string | null>(null);
  const said = useSignal<Action['said']['value']>(null);
  const run: Action['run'] = async (name, work) => {
    busy.value = name;
    said.value = null;
    try {
      said.value = { text: await work(), failed: false };
    } catch (error) {
      const refused = error instanceof ClientError && error.code === 'invalid_api_key';
      if (refused) keyNeeded.value = true;
      said.value = { text: sentenceOf(error), failed: true };
    }
    busy.value = null;
    await look();
  };
  return { busy, said, run };
}

/** Says it where it was asked for, also to those who do not see it. */
export function Outcome({ of: { said } }: { of: Pick<Action, 'said'> }) {
  return (
    <p class="outcome" role="status" data-failed={said.value?.failed}>
      {said.value?.text}
    </p>
  );
}

/** The gateway's own words: it knows which model is in use, and by how many. */
function sentenceOf(error: unknown): string {
  return error instanceof ClientError ? `${error.message} (${error.code})` : String(error);
}
