import type { Stats } from '../../../js/src/index.js';
import { t } from '../i18n/index.js';
import { number } from './amounts.js';

export function WorkPanel({ stats }: { stats: Stats }) {
  const { jobs, total_tasks, failed_tasks, oom_errors, restarts, switches } = stats;
  const facts = [
    ['work_windows', total_tasks],
    ['work_failed', failed_tasks],
    ['work_memory', oom_errors],
    ['work_restarts', restarts],
    ['work_switches', switches],
  ] as const;
  return (
    <section class="panel" aria-labelledby="work-title">
      <h2 id="work-title">{t('work')}</h2>
      <dl class="facts">
        <div>
          <dt>{t('work_jobs')}</dt>
          <dd>
            {jobs
              ? t('work_jobs_counts', {
                  running: number(jobs.running),
                  queued: number(jobs.queued),
                })
              : t('work_jobs_none')}
          </dd>
        </div>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{t(name)}</dt>
            <dd>{number(value)}</dd>
          </div>
        ))}
      </dl>
      <p class="hint">{t('work_since')}</p>
    </section>
  );
}
