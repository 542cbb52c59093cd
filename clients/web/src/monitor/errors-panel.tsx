import type { Stats } from '../../../js/src/index.js';
import { t } from '../i18n/index.js';
import { number, timeOfDay } from './amounts.js';
import { shortId } from './sessions-panel.js';

export function ErrorsPanel({ errors }: Pick<Stats, 'errors'>) {
  return (
    <section class="panel errors-panel" aria-labelledby="errors-title">
      <h2 id="errors-title">{t('errors')}</h2>
      {errors.length === 0 && <p class="nothing">{t('errors_empty')}</p>}
      <ul
        class="errors"
        tabIndex={errors.length > 0 ? 0 : undefined}
        aria-labelledby="errors-title"
      >
        {errors.map(({ at, code, session_id, count }) => (
          <li key={`${at} ${code} ${session_id}`}>
            <time dateTime={new Date(at).toISOString()}>{timeOfDay(at)}</time>
            <span>
              {code}
              {count > 1 && <small> {t('error_times', { n: number(count) })}</small>}
            </span>
            {session_id !== null && (
              <small>{t('error_session', { id: shortId(session_id) })}</small>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
