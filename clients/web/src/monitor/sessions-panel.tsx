import type { SessionStats, Stats } from '../../../js/src/index.js';
import { type TextKey, t } from '../i18n/index.js';
import { clock, duration, languageName, number } from './amounts.js';
import { Bar } from './bar.js';

/** A delay with which the bar is full: by then nobody follows a speaker any more. */
const fullDelayMs = 10_000;
/** A delay that people who read along complain about. */
const lateMs = 5_000;
/** Of an id, as much as tells sessions apart. */
export const shortId = (id: string) => id.slice(0, 8);

const knownRungs = ['lean', 'cut', 'tail', 'full'] as const;

export function SessionsPanel({ sessions: { open, listed } }: Pick<Stats, 'sessions'>) {
  // In the order in which they began, so that rows stay where they are.
  const rows = listed.toSorted((a, b) => (a.started_at ?? 0) - (b.started_at ?? 0));
  const columns = ['who', 'state', 'language', 'model', 'rung', 'audio', 'delay'] as const;
  return (
    <section class="panel wide" aria-labelledby="sessions-title">
      <h2 id="sessions-title">
        {t('sessions')} <span class="count">{number(open)}</span>
      </h2>
      {rows.length === 0 && <p class="nothing">{t('sessions_empty')}</p>}
      {open > rows.length && (
        <p class="hint">{t('sessions_some', { shown: number(rows.length), n: number(open) })}</p>
      )}
      {rows.length > 0 && (
        <table class="sessions stacks">
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col" data-column={column}>
                  {t(`session_${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((session) => (
              <SessionRow key={session.session_id} session={session} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function SessionRow({ session }: { session: SessionStats }) {
  const { session_id, state, speaker, room, language, model, rung, received_ms, lag_ms } = session;
  return (
    <tr>
      <th scope="row">
        <span class="who">{speaker ?? shortId(session_id)}</span>
        <small>
          {room !== null && <span>{t('session_room', { room })}</span>}
          {speaker !== null && <code>{shortId(session_id)}</code>}
        </small>
      </th>
      <td data-label={t('session_state')}>
        <span class="state" data-state={state}>
          <span class="dot" aria-hidden="true" />
          {t(`state_${state}`)}
        </span>
      </td>
      <td data-label={t('session_language')}>{language === null ? '–' : languageName(language)}</td>
      <td data-label={t('session_model')}>{model ?? '–'}</td>
      <td data-label={t('session_rung')}>{rung === null ? '–' : <Rung name={rung} />}</td>
      <td data-label={t('session_audio')} class="figure">
        {clock(received_ms)}
      </td>
      <td data-label={t('session_delay')} class="figure delay-cell" data-late={lag_ms > lateMs}>
        <span>{duration(lag_ms)}</span>
        <Bar shares={[lag_ms / fullDelayMs]} />
      </td>
    </tr>
  );
}

/** In words, and as metrics and documents call it. */
function Rung({ name }: { name: string }) {
  const known = knownRungs.find((each) => each === name);
  return (
    <>
      {known && t(`rung_${known}` satisfies TextKey)} <code>{name}</code>
    </>
  );
}
