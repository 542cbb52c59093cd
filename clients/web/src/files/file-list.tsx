import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { captionFormats, type Job, type JobFormat } from '../../../js/src/index.js';
import { keyNeeded } from '../gateway.js';
import { t } from '../i18n/index.js';
import { commonShortcuts } from '../shell/common-shortcuts.js';
import { ExportIcon } from '../shell/icons.js';
import { KeyForm } from '../shell/key-form.js';
import { Menu } from '../shell/menu.js';
import { listenForShortcuts } from '../shell/shortcuts.js';
import { exportTranscript } from '../transcript/export-transcript.js';
import { chooseFiles, DropZone } from './drop-zone.js';
import { failureText } from './failure-text.js';
import { FileSettings } from './file-settings.js';
import { JobRow } from './job-row.js';
import { endedJobs, jobs, openJobs, readMore } from './job-store.js';
import { timeLeft } from './quantities.js';
import { UploadRow } from './upload-row.js';
import { dropAllUploads, uploads } from './upload-store.js';

/** Uploads that are shown; a folder of thousands is told as a number. */
const uploadsShown = 50;

const isExportOpen = signal(false);

export function FileList() {
  useEffect(() => listenForShortcuts({ o: chooseFiles, ...commonShortcuts }), []);
  const open = openJobs.value;
  const ended = endedJobs.value;
  const isEmpty =
    jobs.loaded.value && open.length === 0 && ended.length === 0 && uploads.value.length === 0;
  return (
    <div class="files">
      <div class="files-column">
        <h1 class="hidden">{t('files_title')}</h1>
        {keyNeeded.value && <KeyForm />}
        <Trouble />
        <DropZone isEmpty={isEmpty} />
        <FileSettings />
        <Uploads />
        {open.length > 0 && (
          <Section title={t('queue')} detail={queueDetail(open)}>
            {open.map((job) => (
              <JobRow key={job.id} job={job} position={positionOf(job)} />
            ))}
          </Section>
        )}
        {ended.length > 0 && <Ended ended={ended} />}
        <p class="hidden" role="status">
          {jobs.ended.value &&
            t(`said_${jobs.ended.value.state}` as 'said_succeeded', {
              name: jobs.ended.value.name,
            })}
        </p>
      </div>
    </div>
  );
}

function Trouble() {
  const lost = jobs.connection.value;
  const problem = jobs.problem.value;
  if (keyNeeded.value || (!lost && !problem)) return null;
  const isLost = lost && lost.code !== 'jobs_unavailable';
  return (
    <p class="trouble" role="alert">
      {isLost ? t('list_lost') : failureText(lost ?? (problem as NonNullable<typeof problem>))}
    </p>
  );
}

function Uploads() {
  const all = uploads.value;
  if (all.length === 0) return null;
  const hidden = all.length - uploadsShown;
  return (
    <Section
      title={t('uploading')}
      detail={String(all.length)}
      actions={
        <button type="button" class="quiet" onClick={dropAllUploads}>
          {t('cancel_all')}
        </button>
      }
    >
      {all.slice(0, uploadsShown).map((upload) => (
        <UploadRow key={upload.key} upload={upload} />
      ))}
      {hidden > 0 && <li class="more">{t('more_uploads', { n: String(hidden) })}</li>}
    </Section>
  );
}

function Ended({ ended }: { ended: readonly Job[] }) {
  const succeeded = ended.filter(({ state }) => state === 'succeeded');
  const save = async (format: JobFormat) => {
    for (const job of succeeded) await exportTranscript(job, format);
  };
  return (
    <>
      <Section
        title={t('done')}
        detail={String(ended.length)}
        actions={
          succeeded.length > 1 && (
            <Menu
              face={
                <>
                  <ExportIcon />
                  {t('export_all')}
                </>
              }
              isOpen={isExportOpen}
              opensDown
            >
              {captionFormats.map((format) => (
                <button key={format} type="button" class="quiet" onClick={() => void save(format)}>
                  {t(`export_${format}`)} <code>.{format}</code>
                </button>
              ))}
            </Menu>
          )
        }
      >
        {ended.map((job) => (
          <JobRow key={job.id} job={job} position={null} />
        ))}
      </Section>
      {jobs.next.value !== null && (
        <button type="button" class="quiet older" onClick={() => void readMore()}>
          {t('older')}
        </button>
      )}
    </>
  );
}

interface SectionProps {
  readonly title: string;
  readonly detail: string;
  readonly actions?: preact.ComponentChildren;
  readonly children: preact.ComponentChildren;
}

function Section({ title, detail, actions, children }: SectionProps) {
  return (
    <section class="file-section" aria-label={title}>
      <header>
        <h2>
          {title} <span>{detail}</span>
        </h2>
        {actions}
      </header>
      <ul>{children}</ul>
    </section>
  );
}

function positionOf({ id, queue_position }: Job): number | null {
  const index = jobs.order.value.indexOf(id);
  return index < 0 ? queue_position : index + 1;
}

/** How many run and wait, and the longest that one of those that run still takes. */
function queueDetail(open: readonly Job[]): string {
  const running = open.filter(({ state }) => state === 'running');
  const counts = t('queue_counts', {
    running: String(running.length),
    waiting: String(open.length - running.length),
  });
  const left = Math.max(0, ...running.map(({ progress }) => progress.seconds_left ?? 0));
  const isAll = running.length === open.length && left > 0;
  return isAll ? `${counts} · ${timeLeft(left)}` : counts;
}
