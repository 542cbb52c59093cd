import { useEffect } from 'preact/hooks';
import { keyNeeded } from '../gateway.js';
import { t } from '../i18n/index.js';
import { commonShortcuts } from '../shell/common-shortcuts.js';
import { KeyForm } from '../shell/key-form.js';
import { listenForShortcuts } from '../shell/shortcuts.js';
import { duration } from './amounts.js';
import { Charts } from './charts.js';
import { ErrorsPanel } from './errors-panel.js';
import { GatewayState } from './gateway-state.js';
import { MemoryPanel } from './memory-panel.js';
import { ModelsPanel } from './models-panel.js';
import { monitor, watchGateway } from './monitor-store.js';
import { QueuePanel } from './queue-panel.js';
import { SessionsPanel } from './sessions-panel.js';
import { WorkPanel } from './work-panel.js';

export function MonitorPage() {
  useEffect(watchGateway, []);
  useEffect(() => listenForShortcuts(commonShortcuts), []);
  const stats = monitor.stats.value;
  const health = monitor.health.value;
  const problem = monitor.problem.value;
  return (
    <div class="monitor" data-stale={problem !== null}>
      <div class="monitor-page">
        <h1 class="hidden">{t('monitor_title')}</h1>
        {keyNeeded.value && <KeyForm />}
        <ProblemNote />
        {stats === null && !problem && !keyNeeded.value && (
          <p class="nothing">{t('monitor_waiting')}</p>
        )}
        {stats && health && (
          <>
            <GatewayState health={health} stats={stats} />
            <Charts />
            <div class="panels">
              <SessionsPanel sessions={stats.sessions} />
              <QueuePanel stats={stats} />
              <ModelsPanel stats={stats} />
              <MemoryPanel stats={stats} />
              <WorkPanel stats={stats} />
              <ErrorsPanel errors={stats.errors} />
            </div>
          </>
        )}
      </div>
    </div>
  );
}

/** Why there is nothing new, in plain words. Only the headline is read out, not the age at every try. */
function ProblemNote() {
  const problem = monitor.problem.value;
  const last = monitor.samples.value.at(-1);
  const isAway = problem?.code === 'connection_failed';
  return (
    <div class={problem ? 'card' : 'hidden'}>
      <div role="alert">
        {problem && <h2>{t(isAway ? 'monitor_unreachable' : 'monitor_refused')}</h2>}
      </div>
      {problem && <p>{isAway ? ageText(last?.at) : `${problem.message} (${problem.code})`}</p>}
    </div>
  );
}

function ageText(at: number | undefined): string {
  if (at === undefined) return t('monitor_unreachable_first');
  return t('monitor_unreachable_text', { age: duration(Date.now() - at) });
}
