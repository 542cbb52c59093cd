import { useEffect } from 'preact/hooks';
import { keyNeeded } from '../gateway.js';
import { address } from '../shell/address.js';
import { TranscriptPage } from '../transcript/transcript-page.js';
import { FileList } from './file-list.js';
import { watchJobs } from './job-store.js';

/** `#/files` is the list, `#/files/ID` the transcript of a job. */
export function FilesPage() {
  const id = decodeURIComponent(address.value.split('/')[2] ?? '');
  const locked = keyNeeded.value;
  useEffect(() => (locked ? undefined : watchJobs()), [locked]);
  return id ? <TranscriptPage key={id} id={id} /> : <FileList />;
}
