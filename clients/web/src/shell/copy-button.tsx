import { type Signal, useSignal } from '@preact/signals';
import { t } from '../i18n/index.js';
import { copyText } from './copy-text.js';
import { CopyIcon, DoneIcon } from './icons.js';

/** How long it is said that something was copied. */
const copiedShownMs = 2_000;

export interface Copying {
  /** Whether it was copied a moment ago. */
  readonly copied: Signal<boolean>;
  copy(): Promise<void>;
}

/** @param text What is copied; nothing, where it is empty. */
export function useCopying(text: () => string): Copying {
  const copied = useSignal(false);
  const copy = async () => {
    const wanted = text();
    copied.value = wanted !== '' && (await copyText(wanted));
    setTimeout(() => {
      copied.value = false;
    }, copiedShownMs);
  };
  return { copied, copy };
}

interface CopyButtonProps {
  readonly copying: Copying;
  readonly label?: string;
  readonly kind?: 'primary' | 'quiet';
  /** Shows words only where there is room for them. */
  readonly terse?: boolean;
  readonly disabled?: boolean;
}

/** Says that it has copied, in words and in its symbol. */
export function CopyButton(props: CopyButtonProps) {
  const { copying, label = t('copy'), kind = 'quiet', terse = false, disabled = false } = props;
  const copied = copying.copied.value;
  return (
    <button type="button" class={kind} disabled={disabled} onClick={() => void copying.copy()}>
      {copied ? <DoneIcon /> : <CopyIcon />}
      <span class={terse ? 'wide-only' : undefined} aria-live="polite">
        {copied ? t('copied') : label}
      </span>
    </button>
  );
}
