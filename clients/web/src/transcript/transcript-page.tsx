import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { failureText } from '../files/failure-text.js';
import { JobRow } from '../files/job-row.js';
import { jobs } from '../files/job-store.js';
import { clock } from '../files/quantities.js';
import { keyNeeded } from '../gateway.js';
import { languageNamed, t } from '../i18n/index.js';
import { commonShortcuts } from '../shell/common-shortcuts.js';
import { CopyButton, useCopying } from '../shell/copy-button.js';
import { BackIcon, RetryIcon } from '../shell/icons.js';
import { KeyForm } from '../shell/key-form.js';
import { pageTitle } from '../shell/page-title.js';
import { listenForShortcuts } from '../shell/shortcuts.js';
import { ExportMenu } from './export-menu.js';
import { PlayerBar } from './player-bar.js';
import { SearchBox } from './search-box.js';
import { createTranscriptStore, type TranscriptStore } from './transcript-store.js';
import { TranscriptText } from './transcript-text.js';

export function TranscriptPage({ id }: { id: string }) {
  const store = useMemo(() => createTranscriptStore(id), [id]);
  const search = useRef<HTMLInputElement | null>(null);
  const isExportOpen = useSignal(false);
  const copying = useCopying(() => plainText(store));
  const job = store.job.value;
  const state = job?.state;
  const locked = keyNeeded.value;
  const isLost = jobs.connection.value !== null;
  useEffect(() => store.close, [store]);
  // Again when it is done, when there is a key, and when the gateway can be reached again.
  useEffect(() => void store.load(), [store, state, locked, isLost]);
  useEffect(() => {
    pageTitle.value = job?.name ?? null;
    return () => {
      pageTitle.value = null;
    };
  }, [job?.name]);
  useEffect(
    () =>
      listenForShortcuts({
        ' ': () => store.player.value?.toggle(),
        arrowleft: () => store.skip(-1),
        arrowright: () => store.skip(1),
        ',': () => store.skipWords(-1),
        '.': () => store.skipWords(1),
        '/': () => search.current?.focus(),
        e: () => {
          store.editing.value = store.current.value;
        },
        c: () => void copying.copy(),
        x: () => {
          isExportOpen.value = true;
        },
        ...commonShortcuts,
      }),
    [store],
  );
  const transcript = store.transcript.value;
  return (
    <div class="transcript">
      <header class="transcript-head">
        <a class="back" href="#/files">
          <BackIcon />
          {t('files')}
        </a>
        <div class="transcript-name">
          <h1 dir="auto">{job?.name ?? t('transcript')}</h1>
          {transcript && (
            <p>{[clock(transcript.duration), languageNamed(transcript.language)].join(' · ')}</p>
          )}
        </div>
        {transcript && job && (
          <div class="transcript-tools">
            <SearchBox store={store} input={search} />
            <CopyButton copying={copying} terse />
            <ExportMenu job={job} label={t('export')} isOpen={isExportOpen} />
          </div>
        )}
      </header>
      <Messages store={store} />
      {transcript ? <TranscriptText store={store} /> : <Waiting store={store} />}
      <PlayerBar store={store} />
    </div>
  );
}

function Messages({ store }: { store: TranscriptStore }) {
  const problem = store.problem.value ?? jobs.problem.value;
  return (
    <div class="transcript-messages">
      {keyNeeded.value && <KeyForm />}
      {problem && (
        <div class="trouble" role="alert">
          <p>{failureText(problem)}</p>
          {store.problem.value?.retryable && (
            <button type="button" class="quiet" onClick={() => void store.load()}>
              <RetryIcon />
              {t('try_again')}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

/** What there is to see of a job without a text. */
function Waiting({ store }: { store: TranscriptStore }) {
  const job = store.job.value;
  if (!job || job.state === 'succeeded') return <div />;
  return (
    <div class="files-column">
      <p class="nothing">{t('text_comes_here')}</p>
      <section class="file-section">
        <ul>
          {/* Drawn anew where its buttons change, so that it can see to the focus. */}
          <JobRow key={job.state} job={job} position={job.queue_position} />
        </ul>
      </section>
    </div>
  );
}

function plainText(store: TranscriptStore): string {
  return store.sentences.value
    .filter(({ text }) => text !== '')
    .map(({ text }) => text)
    .join('\n');
}
