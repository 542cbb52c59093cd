import { t } from '../i18n/index.js';
import { live, type Recovery } from './live-store.js';

/** One line that says what goes on; the delay beside it is not read out, since it changes all the time. */
export function Status() {
  const phase = live.phase.value;
  const delay = live.delayMs.value;
  const seconds = delay === null ? '' : (delay / 1_000).toFixed(1);
  return (
    <div class="status">
      <p role="status" data-phase={phase}>
        <span class="dot" aria-hidden="true" />
        {statusText()}
      </p>
      {phase === 'live' && delay !== null && (
        <p class="delay" title={t('delay_label')}>
          {t('delay', { seconds })}
        </p>
      )}
    </div>
  );
}

function statusText(): string {
  const phase = live.phase.value;
  const recovery = live.recovery.value;
  if (phase === 'live' && recovery) return recoveryText(recovery);
  if (phase === 'live' && live.lagging.value) return t('warning_lagging');
  return t(`status_${phase}`);
}

function recoveryText(recovery: Recovery): string {
  return recovery.kind === 'gap'
    ? t('status_gap', { seconds: String(recovery.seconds) })
    : t(`status_${recovery.kind}`);
}
