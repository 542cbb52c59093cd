import { t } from '../i18n/index.js';
import { settings } from '../settings.js';
import { CloseIcon } from './icons.js';

const dialogId = 'help';

export function openHelp(): void {
  (document.getElementById(dialogId) as HTMLDialogElement | null)?.showModal();
}

export function HelpDialog() {
  const shortcuts = [
    [t('key_space'), t('shortcut_toggle')],
    ['C', t('shortcut_copy')],
    ['E', t('shortcut_export')],
    ['T', t('shortcut_theme')],
    ['L', t('shortcut_language')],
    ['?', t('shortcut_help')],
  ] as const;
  return (
    <dialog id={dialogId} class="help" aria-labelledby="help-title">
      <form method="dialog">
        <h2 id="help-title">{t('help_title')}</h2>
        <button type="submit" class="quiet square" aria-label={t('close')} title={t('close')}>
          <CloseIcon />
        </button>
      </form>
      <p>{t('help_text')}</p>
      <h3>{t('help_shortcuts')}</h3>
      <dl>
        {shortcuts.map(([key, meaning]) => (
          <div key={key}>
            <dt>{meaning}</dt>
            <dd>
              <kbd>{key}</kbd>
            </dd>
          </div>
        ))}
      </dl>
      <label class="check">
        <input
          type="checkbox"
          checked={settings.shortcuts.value}
          onChange={(event) => {
            settings.shortcuts.value = event.currentTarget.checked;
          }}
        />
        {t('help_enabled')}
      </label>
    </dialog>
  );
}
