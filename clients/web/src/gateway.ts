import { signal } from '@preact/signals';
import { ClientError, createClient, type Model } from '../../js/src/index.js';

/** For this tab only: a key does not belong into a browser's lasting storage. */
const keyName = 'whisper-gateway-key';

export const client = createClient({
  url: location.origin,
  token: () => sessionStorage.getItem(keyName) ?? '',
});

export const models = signal<readonly Model[]>([]);
/** Whether the gateway wants a key that we do not have. */
export const keyNeeded = signal(false);

export async function loadModels(): Promise<void> {
  try {
    const all = await client.models();
    // OpenAI's name for the same model, for clients that know no other.
    models.value = all.filter(({ id }) => id !== 'whisper-1');
    keyNeeded.value = false;
  } catch (error) {
    keyNeeded.value = error instanceof ClientError && error.code === 'unauthorized';
  }
}

/** Keeps a key and tries it. */
export async function enterKey(key: string): Promise<void> {
  sessionStorage.setItem(keyName, key.trim());
  await loadModels();
}
