import type { Signal } from '@preact/signals';
import { captionFormats, type Job } from '../../../js/src/index.js';
import { t } from '../i18n/index.js';
import { ExportIcon } from '../shell/icons.js';
import { Menu } from '../shell/menu.js';
import { exportTranscript } from './export-transcript.js';

/** The formats in which a transcript can be had. @param label For who does not see it. */
export function ExportMenu({
  job,
  label,
  isOpen,
}: {
  job: Job;
  label: string;
  isOpen: Signal<boolean>;
}) {
  return (
    <Menu
      face={
        <>
          <ExportIcon />
          <span class="wide-only">{t('export')}</span>
        </>
      }
      label={label}
      isOpen={isOpen}
      opensDown
    >
      {captionFormats.map((format) => (
        <button
          key={format}
          type="button"
          class="quiet"
          onClick={() => void exportTranscript(job, format)}
        >
          {t(`export_${format}`)} <code>.{format}</code>
        </button>
      ))}
    </Menu>
  );
}
