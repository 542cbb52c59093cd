import type { ClientError } from '../../../js/src/index.js';
import { type TextKey, t } from '../i18n/index.js';
import { live, start } from './live-store.js';

/** Codes that have words of their own. */
const explained = [
  'permission_denied',
  'insecure_context',
  'no_microphone',
  'microphone_busy',
  'microphone_lost',
  'not_supported',
] as const;
/** Further codes, and whose words they share. */
const groups: Readonly<Record<string, 'connection' | 'busy'>> = {
  connection_failed: 'connection',
  connection_lost: 'connection',
  server_draining: 'connection',
  too_many_connections: 'busy',
  overloaded: 'busy',
  queue_full: 'busy',
  engine_unavailable: 'busy',
};

/** What is wrong, in plain words, and what to do about it. */
export function ProblemCard() {
  const problem = live.problem.value;
  return (
    <div role="alert">
      {problem && (
        <div class="card">
          <h2>{t(`problem_${nameOf(problem)}_title` as TextKey)}</h2>
          <p>{explanation(problem)}</p>
          <div class="card-actions">
            <button type="button" class="primary" onClick={() => void start()}>
              {t('try_again')}
            </button>
            <button type="button" class="quiet" onClick={dismiss}>
              {t('dismiss')}
            </button>
          </div>
        </div>
      )}
    </div>
  );
}

function nameOf({ code }: ClientError): string {
  return explained.find((each) => each === code) ?? groups[code] ?? 'other';
}

/** The gateway's own sentence where we have none. */
function explanation(problem: ClientError): string {
  const name = nameOf(problem);
  return name === 'other'
    ? `${problem.message} (${problem.code})`
    : t(`problem_${name}` as TextKey);
}

function dismiss(): void {
  live.problem.value = null;
}
