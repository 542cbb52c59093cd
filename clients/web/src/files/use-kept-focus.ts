import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * For a row that may be taken out while one of its buttons has the focus, which would begin at the top of
 * the page again: it goes to where the row is now, or to the row that is in its place.
 * @param id Of the row, as its `data-row` says.
 */
export function useKeptFocus(id: string): RefObject<HTMLLIElement | null> {
  const row = useRef<HTMLLIElement>(null);
  useLayoutEffect(
    () => () => {
      const { current } = row;
      if (!current?.contains(document.activeElement)) return;
      const beside = current.nextElementSibling ?? current.previousElementSibling;
      // After what has changed is drawn.
      requestAnimationFrame(() => {
        if (document.activeElement !== document.body) return;
        const moved = document.querySelector(`[data-row="${CSS.escape(id)}"]`);
        const place = moved ?? (beside?.isConnected ? beside : document.querySelector('.drop'));
        place?.querySelector<HTMLElement>('button, select')?.focus();
      });
    },
    [],
  );
  return row;
}
