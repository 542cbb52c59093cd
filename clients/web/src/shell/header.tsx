import { t } from '../i18n/index.js';
import { nextInterfaceLanguage, nextTheme, settings } from '../settings.js';
import { openHelp } from './help-dialog.js';
import { HelpIcon, themeIcons } from './icons.js';
import { route, routes } from './routes.js';

export function Header() {
  const theme = settings.theme.value;
  const ThemeIcon = themeIcons[theme];
  const themeName = t('theme', { theme: t(`theme_${theme}`) });
  return (
    <header class="header">
      <a class="brand" href="#/live">
        <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="9" />
          <path d="M9 14v4m4.7-9v14m4.6-11v8M23 11v10" />
        </svg>
        <span class="brand-name">Whisper Gateway</span>
      </a>
      {routes.length > 1 && (
        <nav class="pages">
          {routes.map(({ path, name }) => (
            <a
              key={path}
              href={`#${path}`}
              aria-current={route.value.path === path ? 'page' : undefined}
            >
              {t(name)}
            </a>
          ))}
        </nav>
      )}
      <div class="tools">
        <button
          type="button"
          class="quiet"
          lang={settings.interfaceLanguage.value === 'zh' ? 'en' : 'zh-CN'}
          onClick={nextInterfaceLanguage}
        >
          {t('other_language')}
        </button>
        <button
          type="button"
          class="quiet square"
          aria-label={themeName}
          title={themeName}
          onClick={nextTheme}
        >
          <ThemeIcon />
        </button>
        <button
          type="button"
          class="quiet square"
          aria-label={t('help')}
          title={t('help')}
          onClick={openHelp}
        >
          <HelpIcon />
        </button>
      </div>
    </header>
  );
}
