import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { failureText } from '../files/failure-text.js';
import { JobRow } from '../files/job-row.js';
import { jobs } from '../files/job-store.js';
import { clock } from '../files/quantities.js';
import { keyNeeded } from '../gateway.js';
import { languageNamed, t } from '../i18n/index.js';
import { commonShortcuts } from '../shell/common-shortcuts.js';
import { copyText } from '../shell/copy-text.js';
import { BackIcon, CopyIcon } from '../shell/icons.js';
import { KeyForm } from '../shell/key-form.js';
import { pageTitle } from '../shell/page-title.js';
import { listenForShortcuts } from '../shell/shortcuts.js';
import { ExportMenu } from './export-menu.js';
import { PlayerBar } from './player-bar.js';
import { SearchBox } from './search-box.js';
import { createTranscriptStore, type TranscriptStore } from './transcript-store.js';
import { TranscriptText } from './transcript-text.js';

/** How far the arrows go. */
const skipMs = 5_000;
/** How long it is said that something was copied. */
const copiedShownMs = 2_000;

export function TranscriptPage({ id }: { id: string }) {
  const store = useMemo(() => createTranscriptStore(id), [id]);
  const search = useRef<HTMLInputElement | null>(null);
  const isExportOpen = useSignal(false);
  const copied = useSignal(false);
  const job = store.job.value;
  const state = job?.state;
  const locked = keyNeeded.value;
  useEffect(() => store.close, [store]);
  // Again when it is done, and when there is a key.
  useEffect(() => void store.load(), [store, state, locked]);
  useEffect(() => {
    pageTitle.value = job?.name ?? null;
    return () => {
      pageTitle.value = null;
    };
  }, [job?.name]);
  const copy = async () => {
    copied.value = await copyText(plainText(store));
    setTimeout(() => {
      copied.value = false;
    }, copiedShownMs);
  };
  useEffect(
    () =>
      listenForShortcuts({
        ' ': () => store.player.value?.toggle(),
        arrowleft: () => store.skip(-skipMs),
        arrowright: () => store.skip(skipMs),
        ',': () => store.skipWords(-1),
        '.': () => store.skipWords(1),
        '/': () => search.current?.focus(),
        e: () => {
          store.editing.value = store.current.value;
        },
        c: () => void copy(),
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
            <button type="button" class="quiet" onClick={() => void copy()}>
              <CopyIcon />
              <span class="wide-only" aria-live="polite">
                {copied.value ? t('copied') : t('copy')}
              </span>
            </button>
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
        <p class="trouble" role="alert">
          {failureText(problem)}
        </p>
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
          <JobRow job={job} position={job.queue_position} />
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
