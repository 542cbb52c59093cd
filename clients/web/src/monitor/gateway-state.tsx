import { useRef } from 'preact/hooks';
import type { Health, Stats } from '../../../js/src/index.js';
import { client } from '../gateway.js';
import { type TextKey, t } from '../i18n/index.js';
import { Outcome, useAction } from './action.js';
import { counted } from './amounts.js';
import { DrainDialog } from './drain-dialog.js';

/** How the gateway is, in a line; and what stops and starts it taking work. */
export function GatewayState({ health, stats }: { health: Health; stats: Stats }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const action = useAction();
  const { status, ready, version, model, device, notes } = health;
  const isDraining = status === 'draining';
  const drain = () =>
    action.run('drain', async () => {
      await client.admin.drain();
      return '';
    });
  const undrain = () =>
    action.run('undrain', async () => {
      await client.admin.undrain();
      return '';
    });
  return (
    <div class="gateway-state" data-status={ready ? status : isDraining ? 'draining' : 'down'}>
      <div>
        <p class="gateway-status" role="status">
          <span class="dot" aria-hidden="true" />
          <strong>{t(headline(health))}</strong>
        </p>
        <p class="hint">
          {isDraining ? leftOver(stats) : t('monitor_about', { version, model, device })}
        </p>
        {notes.map((note) => (
          <p key={note} class="note">
            {note}
          </p>
        ))}
        <Outcome of={action} />
      </div>
      <button
        type="button"
        class={isDraining ? 'primary' : 'outlined'}
        disabled={action.busy.value !== null}
        onClick={() => (isDraining ? void undrain() : dialog.current?.showModal())}
      >
        {isDraining ? t('undrain') : t('drain')}
      </button>
      <DrainDialog dialog={dialog} stats={stats} onConfirmed={() => void drain()} />
    </div>
  );
}

function headline({ status, ready }: Health): TextKey {
  if (status === 'draining') return 'monitor_draining';
  if (!ready) return 'monitor_down';
  return status === 'degraded' ? 'monitor_degraded' : 'monitor_ok';
}

function leftOver({ sessions, transcriptions }: Stats): string {
  if (sessions.open + transcriptions === 0) return t('monitor_draining_done');
  return t('monitor_draining_left', {
    sessions: counted('sessions', sessions.open),
    files: counted('files', transcriptions),
  });
}
