import { signal, useSignal } from '@preact/signals';
import { type CaptionFormat, captionFormats, formatCaptions } from '../../../js/src/index.js';
import { t } from '../i18n/index.js';
import { overlayUrl, room } from '../overlay/room.js';
import { copyText } from '../shell/copy-text.js';
import { ClearIcon, CopyIcon, ExportIcon, OverlayIcon } from '../shell/icons.js';
import { Menu } from '../shell/menu.js';
import { saveFile } from '../shell/save-file.js';
import { clear, live } from './live-store.js';

const isMenuOpen = signal(false);
/** How long it is said that something was copied. */
const copiedShownMs = 2_000;

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
      <Menu
        face={
          <>
            <ExportIcon />
            {t('export')}
          </>
        }
        isOpen={isMenuOpen}
        disabled={isEmpty}
      >
        {captionFormats.map((format) => (
          <button key={format} type="button" class="quiet" onClick={() => save(format)}>
            {t(`export_${format}`)} <code>.{format}</code>
          </button>
        ))}
      </Menu>
      <button type="button" class="quiet" disabled={isEmpty} onClick={clear}>
        <ClearIcon />
        {t('clear')}
      </button>
      <a
        class="quiet"
        href={overlayUrl.value}
        target="_blank"
        rel="noopener"
        title={t('overlay_open_title', { room: room.value })}
      >
        <OverlayIcon />
        {t('overlay_open')}
      </a>
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
  const stem = `captions-${new Date().toISOString().slice(0, 16).replace(':', '-')}`;
  saveFile(stem, format, formatCaptions(live.log.value.finals, format));
}
