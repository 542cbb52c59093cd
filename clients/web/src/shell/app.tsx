import { useEffect, useRef } from 'preact/hooks';
import { loadModels } from '../gateway.js';
import { t } from '../i18n/index.js';
import { settings } from '../settings.js';
import { address } from './address.js';
import { Header } from './header.js';
import { HelpDialog } from './help-dialog.js';
import { pageTitle } from './page-title.js';
import { route } from './routes.js';

export function App() {
  const { page: Page, name, help } = route.value;
  const title = pageTitle.value ?? t(name);
  const where = address.value;
  const arrived = useRef(where);
  const language = settings.interfaceLanguage.value;
  useEffect(() => void loadModels(), []);
  useEffect(() => {
    document.title = `${title} · Whisper Gateway`;
  }, [title, language]);
  useEffect(() => {
    // As after any link: what was pressed may be gone, and reading begins with what has come.
    if (where !== arrived.current) focusMain();
    arrived.current = where;
  }, [where]);
  return (
    <div class="shell">
      <button type="button" class="skip" onClick={focusMain}>
        {t('skip')}
      </button>
      <Header />
      <main id="main" tabIndex={-1}>
        <Page />
      </main>
      <HelpDialog help={help} />
    </div>
  );
}

/** No link, since the address after `#` names a page. */
function focusMain(): void {
  document.getElementById('main')?.focus();
}
