import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';

interface AskingButtonProps {
  readonly icon: ComponentType;
  /** What it does, in full. */
  readonly label: string;
  /** The same in a word, where somebody points at it. */
  readonly title: string;
  /** What it says when it asks once more. */
  readonly question: string;
  readonly disabled?: boolean;
  readonly onConfirmed: () => void;
}

/** Asks once more before it does what cannot be taken back. It stays the same element, and keeps the focus. */
export function AskingButton(props: AskingButtonProps) {
  const { icon: Icon, label, title, question, disabled = false, onConfirmed } = props;
  const asks = useSignal(false);
  const leave = () => {
    asks.value = false;
  };
  return (
    <button
      type="button"
      class={asks.value ? 'primary danger' : 'quiet square'}
      aria-label={asks.value ? undefined : label}
      title={asks.value ? undefined : title}
      disabled={disabled}
      onClick={({ currentTarget, detail }) => {
        // A double click is one wish, and no answer.
        if (detail > 1) return;
        // Not every browser focuses what is clicked, and only what had the focus can lose it.
        currentTarget.focus();
        if (asks.value) onConfirmed();
        asks.value = !asks.value;
      }}
      onBlur={leave}
      onKeyDown={({ key }) => {
        if (key === 'Escape') leave();
      }}
    >
      {asks.value ? question : <Icon />}
    </button>
  );
}
