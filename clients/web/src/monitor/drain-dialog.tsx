import type { RefObject } from 'preact';
import type { Stats } from '../../../js/src/index.js';
import { t } from '../i18n/index.js';
import { counted } from './amounts.js';

interface DrainDialogProps {
  readonly dialog: RefObject<HTMLDialogElement | null>;
  readonly stats: Stats;
  readonly onConfirmed: () => void;
}

/** Says what it means before it is done. */
export function DrainDialog({ dialog, stats, onConfirmed }: DrainDialogProps) {
  const { sessions, transcriptions } = stats;
  return (
    <dialog ref={dialog} class="help confirm" aria-labelledby="drain-title">
      <h2 id="drain-title">{t('drain_title')}</h2>
      <p>
        {t('drain_text', {
          sessions: counted('sessions', sessions.open),
          files: counted('files', transcriptions),
        })}
      </p>
      <form method="dialog" class="card-actions">
        <button type="submit" class="outlined">
          {t('drain_cancel')}
        </button>
        <button type="submit" class="primary" onClick={onConfirmed}>
          {t('drain_confirm')}
        </button>
      </form>
    </dialog>
  );
}
