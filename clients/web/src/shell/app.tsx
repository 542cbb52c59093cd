import { useEffect } from 'preact/hooks';
import { loadModels } from '../gateway.js';
import { t } from '../i18n/index.js';
import { settings } from '../settings.js';
import { Header } from './header.js';
import { HelpDialog } from './help-dialog.js';
import { route } from './routes.js';

export function App() {
  const { page: Page, name } = route.value;
  const language = settings.interfaceLanguage.value;
  useEffect(() => void loadModels(), []);
  useEffect(() => {
    document.title = `${t(name)} · Whisper Gateway`;
  }, [name, language]);
  return (
    <div class="shell">
      <button type="button" class="skip" onClick={focusMain}>
        {t('skip')}
      </button>
      <Header />
      <main id="main" tabIndex={-1}>
        <Page />
      </main>
      <HelpDialog />
    </div>
  );
}

/** No link, since the address after `#` names a page. */
function focusMain(): void {
  document.getElementById('main')?.focus();
}
