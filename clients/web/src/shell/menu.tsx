import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

interface MenuProps {
  /** What its button shows. */
  readonly face: ComponentChildren;
  /** Where the face says too little. */
  readonly label?: string;
  readonly isOpen: Signal<boolean>;
  readonly disabled?: boolean;
  /** Below its button; above it, else. */
  readonly opensDown?: boolean;
  /** Buttons; the menu closes when one was pressed. */
  readonly children: ComponentChildren;
}

/** A button that shows further ones. */
export function Menu({ face, label, isOpen, disabled = false, opensDown, children }: MenuProps) {
  const id = useId();
  const menu = useRef<HTMLDivElement>(null);
  const open = isOpen.value && !disabled;
  useEffect(() => {
    if (!open) return;
    const items = menu.current?.querySelector('.menu-items');
    items?.querySelector('button')?.focus();
    items?.scrollIntoView({ block: 'nearest' });
    return closeWhenLeft(menu.current as HTMLElement, isOpen);
  }, [open]);
  return (
    <div ref={menu} class="menu">
      <button
        type="button"
        class="quiet"
        disabled={disabled}
        aria-label={label}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => {
          isOpen.value = !isOpen.value;
        }}
      >
        {face}
      </button>
      {/* biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: buttons are pressed in it; it only hears of that. */}
      <div
        id={id}
        class={opensDown ? 'menu-items down' : 'menu-items'}
        hidden={!open}
        onClick={() => {
          isOpen.value = false;
          menu.current?.querySelector('button')?.focus();
        }}
      >
        {children}
      </div>
    </div>
  );
}

/** It closes with Escape, and when something beside it is used. @returns What ends that. */
function closeWhenLeft(menu: HTMLElement, isOpen: Signal<boolean>): () => void {
  const leave = new AbortController();
  const { signal } = leave;
  const closeOutside = ({ target }: Event) => {
    if (!menu.contains(target as Node)) isOpen.value = false;
  };
  const closeOnEscape = ({ key }: KeyboardEvent) => {
    if (key !== 'Escape') return;
    isOpen.value = false;
    menu.querySelector('button')?.focus();
  };
  document.addEventListener('pointerdown', closeOutside, { signal });
  document.addEventListener('focusin', closeOutside, { signal });
  menu.addEventListener('keydown', closeOnEscape, { signal });
  return () => leave.abort();
}
