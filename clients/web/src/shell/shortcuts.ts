import { settings } from '../settings.js';

export interface Shortcuts {
  /** By `KeyboardEvent.key`, in lower case. */
  readonly [key: string]: () => void;
}

/** Calls what a key stands for, unless it is meant for what has the focus. @returns What ends it. */
export function listenForShortcuts(shortcuts: Shortcuts): () => void {
  const onKey = (event: KeyboardEvent) => {
    if (!settings.shortcuts.value || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.repeat || event.defaultPrevented || isForFocused(event)) return;
    const action = shortcuts[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  };
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}

function isForFocused({ target, key }: KeyboardEvent): boolean {
  const element = target as Element;
  if (element.closest('input, select, textarea, dialog, [contenteditable]')) return true;
  return key === ' ' && element.closest('button, a') !== null;
}
