import { useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { t } from '../i18n/index.js';
import { MicrophoneIcon, StopIcon } from '../shell/icons.js';
import { live, toggle } from './live-store.js';

/** The one large button, in a ring that is as large as what is heard is loud. */
export function RecordButton() {
  const ring = useRef<HTMLDivElement>(null);
  const meter = useRef<HTMLMeterElement>(null);
  const isIdle = live.phase.value === 'idle';
  // Twenty-five times a second: too often to render for.
  useSignalEffect(() => {
    ring.current?.style.setProperty('--level', live.level.value.toFixed(3));
    if (meter.current) meter.current.value = live.level.value;
  });
  return (
    <div class="record" data-phase={live.phase.value}>
      <div ref={ring} class="ring" aria-hidden="true" />
      <meter ref={meter} class="hidden" aria-label={t('input_level')} />
      <button type="button" class="record-button" onClick={toggle} aria-keyshortcuts="Space">
        {isIdle ? <MicrophoneIcon /> : <StopIcon />}
        <span>{isIdle ? t('start') : t('stop')}</span>
      </button>
    </div>
  );
}
