import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { enterKey, keyNeeded } from '../gateway.js';
import { t } from '../i18n/index.js';

export function KeyForm() {
  const input = useRef<HTMLInputElement>(null);
  const lasting = useRef<HTMLInputElement>(null);
  const wrong = useSignal(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    await enterKey(input.current?.value ?? '', lasting.current?.checked ?? false);
    wrong.value = keyNeeded.value;
  };
  return (
    <form class="card" onSubmit={(event) => void submit(event)}>
      <h2>{t('key_title')}</h2>
      <p>{t('key_text')}</p>
      <div class="card-actions">
        <input
          ref={input}
          type="password"
          aria-label={t('key')}
          placeholder={t('key')}
          autocomplete="off"
          required
        />
        <button type="submit" class="primary">
          {t('key_enter')}
        </button>
      </div>
      <label class="check">
        <input ref={lasting} type="checkbox" />
        {t('key_lasting')}
      </label>
      {wrong.value && <p role="alert">{t('key_wrong')}</p>}
    </form>
  );
}
