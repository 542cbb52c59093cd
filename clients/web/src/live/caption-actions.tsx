import { signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { type CaptionFormat, captionFormats, formatCaptions } from '../../../js/src/index.js';
import { t } from '../i18n/index.js';
import { ClearIcon, CopyIcon, ExportIcon } from '../shell/icons.js';
import { copyText } from './copy-text.js';
import { clear, live } from './live-store.js';

const menuId = 'export';
const isMenuOpen = signal(false);
/** How long it is said that something was copied. */
const copiedShownMs = 2_000;

const contentTypes: Readonly<Record<CaptionFormat, string>> = {
  txt: 'text/plain',
  srt: 'application/x-subrip',
  vtt: 'text/vtt',
  json: 'application/json',
};

export function CaptionActions() {
  const copied = useSignal(false);
  const isEmpty = live.log.value.finals.length === 0;
  const copy = async () => {
    copied.value = await copyCaptions();
    setTimeout(() => {
      copied.value = false;
    }, copiedShownMs);
  };
  return (
    <div class="actions">
      <button type="button" class="quiet" disabled={isEmpty} onClick={() => void copy()}>
        <CopyIcon />
        <span aria-live="polite">{copied.value ? t('copied') : t('copy')}</span>
      </button>
      <ExportMenu isEmpty={isEmpty} />
      <button type="button" class="quiet" disabled={isEmpty} onClick={clear}>
        <ClearIcon />
        {t('clear')}
      </button>
    </div>
  );
}

function ExportMenu({ isEmpty }: { isEmpty: boolean }) {
  const menu = useRef<HTMLDivElement>(null);
  const isOpen = isMenuOpen.value && !isEmpty;
  useEffect(() => {
    if (!isOpen) return;
    menu.current?.querySelector<HTMLElement>('.menu-items button')?.focus();
    return closeWhenLeft(menu.current as HTMLElement);
  }, [isOpen]);
  return (
    <div ref={menu} class="menu">
      <button
        type="button"
        class="quiet"
        disabled={isEmpty}
        aria-expanded={isOpen}
        aria-controls={menuId}
        onClick={() => {
          isMenuOpen.value = !isOpen;
        }}
      >
        <ExportIcon />
        {t('export')}
      </button>
      <div id={menuId} class="menu-items" hidden={!isOpen}>
        {captionFormats.map((format) => (
          <button key={format} type="button" class="quiet" onClick={() => save(format)}>
            {t(`export_${format}`)} <code>.{format}</code>
          </button>
        ))}
      </div>
    </div>
  );
}

/** Copies what is final. @returns Whether there was something, and the browser let it. */
export async function copyCaptions(): Promise<boolean> {
  const { finals } = live.log.value;
  return finals.length > 0 && copyText(formatCaptions(finals, 'txt'));
}

export function openExport(): void {
  isMenuOpen.value = live.log.value.finals.length > 0;
}

function save(format: CaptionFormat): void {
  const text = formatCaptions(live.log.value.finals, format);
  const url = URL.createObjectURL(new Blob([text], { type: contentTypes[format] }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `captions-${new Date().toISOString().slice(0, 16).replace(':', '-')}.${format}`;
  link.click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  isMenuOpen.value = false;
}

/** A menu closes with Escape, and when something beside it is used. @returns What ends that. */
function closeWhenLeft(menu: HTMLElement): () => void {
  const leave = new AbortController();
  const { signal } = leave;
  const closeOutside = ({ target }: Event) => {
    if (!menu.contains(target as Node)) isMenuOpen.value = false;
  };
  const closeOnEscape = ({ key }: KeyboardEvent) => {
    if (key !== 'Escape') return;
    isMenuOpen.value = false;
    menu.querySelector('button')?.focus();
  };
  document.addEventListener('pointerdown', closeOutside, { signal });
  document.addEventListener('focusin', closeOutside, { signal });
  menu.addEventListener('keydown', closeOnEscape, { signal });
  return () => leave.abort();
}
