import { forgetKey, hasKey } from '../gateway.js';
import { type TextKey, t } from '../i18n/index.js';
import { settings } from '../settings.js';
import { CloseIcon } from './icons.js';

/** What a page tells of itself: in words, and which keys stand for what on it. */
export interface PageHelp {
  readonly text: TextKey;
  /** A key is written as it is, or named by a text. */
  readonly shortcuts: readonly (readonly [string, TextKey])[];
}

const dialogId = 'help';
const everywhere: PageHelp['shortcuts'] = [
  ['T', 'shortcut_theme'],
  ['L', 'shortcut_language'],
  ['?', 'shortcut_help'],
];

export function openHelp(): void {
  (document.getElementById(dialogId) as HTMLDialogElement | null)?.showModal();
}

/** What the page has shown so far came with the key, and goes with it. */
function forget(): void {
  forgetKey();
  location.reload();
}

export function HelpDialog({ help }: { help: PageHelp | undefined }) {
  return (
    <dialog id={dialogId} class="help" aria-labelledby="help-title">
      <form method="dialog">
        <h2 id="help-title">{t('help_title')}</h2>
        <button type="submit" class="quiet square" aria-label={t('close')} title={t('close')}>
          <CloseIcon />
        </button>
      </form>
      {help && <p>{t(help.text)}</p>}
      <h3>{t('help_shortcuts')}</h3>
      <dl>
        {[...(help?.shortcuts ?? []), ...everywhere].map(([key, meaning]) => (
          <div key={key}>
            <dt>{t(meaning)}</dt>
            <dd>
              <kbd>{key === 'key_space' ? t(key) : key}</kbd>
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
      {hasKey.value && (
        <button type="button" class="quiet" onClick={forget}>
          {t('key_forget')}
        </button>
      )}
    </dialog>
  );
}
