import { useSignal } from '@preact/signals';
import type { Job } from '../../../js/src/index.js';
import { t } from '../i18n/index.js';
import { AskingButton } from '../shell/asking-button.js';
import {
  CancelledIcon,
  ClearIcon,
  CloseIcon,
  DoneIcon,
  FailedIcon,
  RetryIcon,
  RunningIcon,
  WaitingIcon,
} from '../shell/icons.js';
import { ExportMenu } from '../transcript/export-menu.js';
import { failureText } from './failure-text.js';
import { cancel, isOver, prioritize, remove, retry } from './job-store.js';
import { priorities } from './priorities.js';
import { clock, moment, size, timeLeft } from './quantities.js';
import { useKeptFocus } from './use-kept-focus.js';

const icons = {
  queued: WaitingIcon,
  running: RunningIcon,
  succeeded: DoneIcon,
  failed: FailedIcon,
  cancelled: CancelledIcon,
} as const;

export function JobRow({ job, position }: { job: Job; position: number | null }) {
  const Icon = icons[job.state];
  const row = useKeptFocus(job.id);
  const { done_seconds: done, total_seconds: total } = job.progress;
  return (
    <li ref={row} class="file" data-row={job.id} data-state={job.state}>
      <Icon />
      <div class="file-text">
        <p class="file-name" dir="auto">
          {job.state === 'succeeded' ? (
            <a href={`#/files/${encodeURIComponent(job.id)}`}>{job.name}</a>
          ) : (
            job.name
          )}
        </p>
        <p class="file-detail">{detailOf(job, position)}</p>
        {job.state === 'running' && (
          <progress
            {...(total !== null && { value: Math.min(done, total), max: Math.max(total, 0.001) })}
            aria-label={t('job_progress', { name: job.name })}
          />
        )}
      </div>
      <div class="file-actions">
        {job.state === 'queued' && <Priority job={job} />}
        {!isOver(job) && (
          <button
            type="button"
            class="quiet square"
            aria-label={t('cancel_job', { name: job.name })}
            title={t('cancel')}
            onClick={() => void cancel(job.id)}
          >
            <CloseIcon />
          </button>
        )}
        {(job.state === 'failed' || job.state === 'cancelled') && (
          <button
            type="button"
            class="quiet"
            aria-label={t('retry_job', { name: job.name })}
            onClick={() => void retry(job.id)}
          >
            <RetryIcon />
            {t('try_again')}
          </button>
        )}
        {job.state === 'succeeded' && <ExportOne job={job} />}
        {isOver(job) && (
          <AskingButton
            icon={ClearIcon}
            label={t('delete_job', { name: job.name })}
            title={t('delete')}
            question={t('delete_really')}
            onConfirmed={() => void remove(job.id)}
          />
        )}
      </div>
    </li>
  );
}

function Priority({ job }: { job: Job }) {
  return (
    <select
      class="priority"
      aria-label={t('priority_job', { name: job.name })}
      title={t('priority')}
      value={job.priority}
      onChange={({ currentTarget }) => void prioritize(job.id, Number(currentTarget.value))}
    >
      {priorities(job.priority).map(({ value, name }) => (
        <option key={value} value={value} selected={value === job.priority}>
          {name}
        </option>
      ))}
    </select>
  );
}

function ExportOne({ job }: { job: Job }) {
  const isOpen = useSignal(false);
  return <ExportMenu job={job} label={t('export_job', { name: job.name })} isOpen={isOpen} />;
}

function detailOf(job: Job, position: number | null): string {
  const { done_seconds: done, total_seconds: total, seconds_left: left } = job.progress;
  switch (job.state) {
    case 'queued': {
      const place = position === 1 ? t('place_next') : t('place', { n: String(position ?? '–') });
      return [t('job_waiting'), place, size(job.bytes)].join(' · ');
    }
    case 'running':
      if (total === null) return [t('job_running'), clock(done)].join(' · ');
      return [
        t('job_done_of', { done: clock(done), total: clock(total) }),
        left === null ? t('left_unknown') : timeLeft(left),
      ].join(' · ');
    case 'succeeded':
      return [clock(total ?? done), size(job.bytes), moment(job.ended_at ?? job.created_at)].join(
        ' · ',
      );
    case 'failed':
      return job.error ? failureText(job.error) : t('job_failed');
    case 'cancelled':
      return t('job_cancelled');
  }
}
