import { useEffect } from 'preact/hooks';
import { keyNeeded } from '../gateway.js';
import { t } from '../i18n/index.js';
import { commonShortcuts } from '../shell/common-shortcuts.js';
import { KeyForm } from '../shell/key-form.js';
import { listenForShortcuts } from '../shell/shortcuts.js';
import { CaptionActions, copyCaptions, openExport } from './caption-actions.js';
import { Captions } from './captions.js';
import { LiveSettings } from './live-settings.js';
import { refreshMicrophones, toggle } from './live-store.js';
import { ProblemCard } from './problem-card.js';
import { RecordButton } from './record-button.js';
import { Status } from './status.js';

export function LivePage() {
  useEffect(() => void refreshMicrophones(), []);
  useEffect(
    () =>
      listenForShortcuts({
        ' ': toggle,
        c: () => void copyCaptions(),
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
        <CaptionActions />
      </div>
    </div>
  );
}
