import { signal } from '@preact/signals';
import { type CaptionFormat, captionFormats, formatCaptions } from '../../../js/src/index.js';
import { t } from '../i18n/index.js';
import { overlayUrl, room } from '../overlay/room.js';
import { AskingButton } from '../shell/asking-button.js';
import { CopyButton, type Copying } from '../shell/copy-button.js';
import { ClearIcon, ExportIcon, OverlayIcon } from '../shell/icons.js';
import { Menu } from '../shell/menu.js';
import { saveFile } from '../shell/save-file.js';
import { clear, live } from './live-store.js';

const isMenuOpen = signal(false);

export function CaptionActions({ copying }: { copying: Copying }) {
  const isEmpty = live.log.value.finals.length === 0;
  return (
    <div class="actions">
      <CopyButton copying={copying} disabled={isEmpty} />
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
      <AskingButton
        icon={ClearIcon}
        label={t('clear')}
        title={t('clear')}
        question={t('clear_really')}
        disabled={isEmpty}
        onConfirmed={clear}
      />
    </div>
  );
}

export function openExport(): void {
  isMenuOpen.value = live.log.value.finals.length > 0;
}

function save(format: CaptionFormat): void {
  const stem = `captions-${new Date().toISOString().slice(0, 16).replace(':', '-')}`;
  saveFile(stem, format, formatCaptions(live.log.value.finals, format));
}
