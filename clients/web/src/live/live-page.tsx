import { useEffect } from 'preact/hooks';
import { formatCaptions } from '../../../js/src/index.js';
import { keyNeeded } from '../gateway.js';
import { t } from '../i18n/index.js';
import { commonShortcuts } from '../shell/common-shortcuts.js';
import { useCopying } from '../shell/copy-button.js';
import { KeyForm } from '../shell/key-form.js';
import { listenForShortcuts } from '../shell/shortcuts.js';
import { CaptionActions, openExport } from './caption-actions.js';
import { Captions } from './captions.js';
import { LiveSettings } from './live-settings.js';
import { live, refreshMicrophones, toggle } from './live-store.js';
import { ProblemCard } from './problem-card.js';
import { RecordButton } from './record-button.js';
import { Status } from './status.js';

export function LivePage() {
  const copying = useCopying(() => formatCaptions(live.log.value.finals, 'txt'));
  useEffect(() => void refreshMicrophones(), []);
  useEffect(
    () =>
      listenForShortcuts({
        ' ': toggle,
        c: () => void copying.copy(),
        e: openExport,
        ...commonShortcuts,
      }),
    [],
  );
  return (
    <div class="live">
      <h1 class="hidden">{t('live_title')}</h1>
      <Captions />
      <div class="messages">
        {keyNeeded.value && <KeyForm />}
        <ProblemCard />
      </div>
      <div class="dock">
        <LiveSettings />
        <div class="talk">
          <RecordButton />
          <Status />
        </div>
        <CaptionActions copying={copying} />
      </div>
    </div>
  );
}
