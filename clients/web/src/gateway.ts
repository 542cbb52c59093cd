import { signal } from '@preact/signals';
import { ClientError, createClient, type Model } from '../../js/src/index.js';

/** For this tab, unless somebody says that the browser is theirs alone. */
const keyName = 'whisper-gateway-key';

/** Empty where none was entered. */
function currentKey(): string {
  return sessionStorage.getItem(keyName) ?? localStorage.getItem(keyName) ?? '';
}

export const client = createClient({ url: location.origin, token: currentKey, streamUrl: 'ask' });

export const models = signal<readonly Model[]>([]);
/** Whether the gateway wants a key that we do not have. */
export const keyNeeded = signal(false);
/** Whether a key is kept here. */
export const hasKey = signal(currentKey() !== '');

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

/** Keeps a key and tries it. @param lasting For this browser, and not for this tab only. */
export async function enterKey(key: string, lasting: boolean): Promise<void> {
  forgetKey();
  (lasting ? localStorage : sessionStorage).setItem(keyName, key.trim());
  await loadModels();
  hasKey.value = !keyNeeded.value;
}

/** Wherever it is kept. */
export function forgetKey(): void {
  for (const storage of [sessionStorage, localStorage]) storage.removeItem(keyName);
  hasKey.value = false;
}
