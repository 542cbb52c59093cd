import { useSignal } from '@preact/signals';
import type { LaneStats, Stats } from '../../../js/src/index.js';
import { client } from '../gateway.js';
import { t } from '../i18n/index.js';
import { Outcome, useAction } from './action.js';
import { duration, number } from './amounts.js';

const lanes = ['final', 'partial', 'batch'] as const;
/** What the list of slots offers at least. */
const offeredSlots = 8;

export function QueuePanel({ stats }: { stats: Stats }) {
  return (
    <section class="panel" aria-labelledby="queue-title">
      <h2 id="queue-title">{t('queue_title')}</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('lane')}</th>
            <th scope="col" class="figure">
              {t('lane_running')}
            </th>
            <th scope="col" class="figure">
              {t('lane_waiting')}
            </th>
            <th scope="col" class="figure">
              {t('lane_usual')}
            </th>
            <th scope="col" class="figure">
              {t('lane_slow')}
            </th>
          </tr>
        </thead>
        <tbody>
          {lanes.map((name) => (
            <LaneRow key={name} name={name} lane={stats.lanes[name]} />
          ))}
        </tbody>
      </table>
      <SlotsForm stats={stats} />
    </section>
  );
}

function LaneRow({ name, lane }: { name: (typeof lanes)[number]; lane: LaneStats }) {
  const { running, waiting, longest_wait_ms, wait_ms } = lane;
  return (
    <tr>
      <th scope="row">{t(`lane_${name}`)}</th>
      <td class="figure">{number(running)}</td>
      <td class="figure">
        {number(waiting)}
        {waiting > 0 && <small title={t('lane_longest')}> {duration(longest_wait_ms)}</small>}
      </td>
      <td class="figure">{wait_ms ? duration(wait_ms.p50) : '–'}</td>
      <td class="figure">{wait_ms ? duration(wait_ms.p95) : '–'}</td>
    </tr>
  );
}

function SlotsForm({ stats: { active_tasks, max_concurrent, slots } }: { stats: Stats }) {
  const wanted = useSignal<string | null>(null);
  const action = useAction();
  const most = Math.max(offeredSlots, max_concurrent, slots === 'auto' ? 0 : slots);
  const submit = async (event: Event) => {
    event.preventDefault();
    const value = wanted.value ?? String(slots);
    await action.run('slots', async () => {
      const answer = await client.admin.setSlots(value === 'auto' ? 'auto' : Number(value));
      return t('slots_done', { n: number(answer.max_concurrent) });
    });
    wanted.value = null;
  };
  return (
    <form class="slots" onSubmit={(event) => void submit(event)}>
      <div>
        <h3 id="slots-title">{t('slots')}</h3>
        <p>
          {t('slots_text', { active: number(active_tasks), all: number(max_concurrent) })}
          <span class="hint"> {t('slots_hint')}</span>
        </p>
      </div>
      <div class="slots-choice">
        <select
          aria-labelledby="slots-title"
          value={wanted.value ?? String(slots)}
          onChange={({ currentTarget }) => {
            wanted.value = currentTarget.value;
          }}
        >
          <option value="auto">{t('slots_auto')}</option>
          {Array.from({ length: most }, (_, index) => String(index + 1)).map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
        <button type="submit" class="outlined" disabled={action.busy.value !== null}>
          {t('slots_set')}
        </button>
      </div>
      <Outcome of={action} />
    </form>
  );
}
