import { signal } from '@preact/signals';
import { ClientError, createClient, type Model } from '../../js/src/index.js';
import { dropKey, keepKey, keptKey } from './kept-key.js';

export const client = createClient({ url: location.origin, token: keptKey, streamUrl: 'ask' });

export const models = signal<readonly Model[]>([]);
/** Whether the gateway wants a key that we do not have. */
export const keyNeeded = signal(false);
/** Whether a key is kept here. */
export const hasKey = signal(keptKey() !== '');

export async function loadModels(): Promise<void> {
  try {
    const all = await client.models();
    models.value = all.filter(
      // OpenAI's name stands for one that is there as well, for clients that know no other.
      ({ id, purpose }) => id !== 'whisper-1' && purpose === 'transcription',
    );
    keyNeeded.value = false;
  } catch (error) {
    keyNeeded.value = error instanceof ClientError && error.code === 'invalid_api_key';
  }
}

/** A model that was chosen once; empty, which is the gateway's own, where it is here no more. */
export function modelIfThere(id: string): string {
  return models.value.some((model) => model.id === id) ? id : '';
}

/** Keeps a key and tries it. @param lasting For this browser, and not for this tab only. */
export async function enterKey(key: string, lasting: boolean): Promise<void> {
  keepKey(key.trim(), lasting);
  await loadModels();
  hasKey.value = !keyNeeded.value;
}

export function forgetKey(): void {
  dropKey();
  hasKey.value = false;
}
