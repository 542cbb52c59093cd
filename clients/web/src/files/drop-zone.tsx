import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n/index.js';
import { FolderIcon, UploadIcon } from '../shell/icons.js';
import { type FoundFiles, filesOfDrop, recordingsOf } from './dropped-files.js';
import { addFiles } from './upload-store.js';

/** Whether files are held over the page. */
const isOver = signal(false);
/** What became of the last folder. */
const note = signal('');

const fileInputId = 'choose-files';

export function chooseFiles(): void {
  document.getElementById(fileInputId)?.click();
}

/** Takes files and folders, by dropping them anywhere on the page or by choosing them. */
export function DropZone({ isEmpty }: { isEmpty: boolean }) {
  const folder = useRef<HTMLInputElement>(null);
  useEffect(takeDrops, []);
  const take = (input: HTMLInputElement, found: FoundFiles) => {
    add(found);
    // Choosing the same again is a change again.
    input.value = '';
  };
  return (
    <section class="drop" data-over={isOver.value} data-empty={isEmpty} aria-label={t('add_files')}>
      <UploadIcon />
      <div>
        <p class="drop-title">{t(isEmpty ? 'drop_title' : 'drop_more')}</p>
        {isEmpty && <p>{t('drop_text')}</p>}
      </div>
      <div class="drop-actions">
        <button type="button" class="primary" onClick={chooseFiles} aria-keyshortcuts="o">
          {t('choose_files')}
        </button>
        <button type="button" class="quiet" onClick={() => folder.current?.click()}>
          <FolderIcon />
          {t('choose_folder')}
        </button>
      </div>
      <input
        id={fileInputId}
        class="hidden"
        type="file"
        multiple
        tabIndex={-1}
        aria-label={t('choose_files')}
        onChange={({ currentTarget }) =>
          take(currentTarget, {
            files: [...(currentTarget.files ?? [])],
            skipped: 0,
            unreadable: 0,
          })
        }
      />
      <input
        ref={folder}
        class="hidden"
        type="file"
        // @ts-expect-error: known to browsers, and not to the types.
        webkitdirectory
        tabIndex={-1}
        aria-label={t('choose_folder')}
        onChange={({ currentTarget }) =>
          take(currentTarget, recordingsOf([...(currentTarget.files ?? [])]))
        }
      />
      <p role="status" class="drop-note">
        {note.value}
      </p>
    </section>
  );
}

function add({ files, skipped, unreadable }: FoundFiles): void {
  addFiles(files);
  const notes = [
    ...(skipped > 0 ? [t('skipped', { n: String(skipped) })] : []),
    ...(unreadable > 0 ? [t('unreadable', { n: String(unreadable) })] : []),
  ];
  if (files.length === 0 && notes.length === 0) notes.push(t('nothing_found'));
  note.value = notes.join(' ');
}

/** Takes what is dropped anywhere: a file that misses its place would open instead of the page. */
function takeDrops(): () => void {
  const leave = new AbortController();
  const { signal: left } = leave;
  // Every element that is crossed is entered before the last one is left.
  let depth = 0;
  const brings = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes('Files') ?? false;
  document.addEventListener(
    'dragenter',
    (event) => {
      if (!brings(event)) return;
      depth++;
      isOver.value = true;
    },
    { signal: left },
  );
  document.addEventListener(
    'dragleave',
    (event) => {
      if (!brings(event)) return;
      depth--;
      isOver.value = depth > 0;
    },
    { signal: left },
  );
  document.addEventListener('dragover', (event) => event.preventDefault(), { signal: left });
  document.addEventListener(
    'drop',
    (event) => {
      event.preventDefault();
      depth = 0;
      isOver.value = false;
      if (event.dataTransfer && brings(event)) void filesOfDrop(event.dataTransfer).then(add);
    },
    { signal: left },
  );
  return () => {
    isOver.value = false;
    leave.abort();
  };
}
