import { ClientError, type Job, type JobFormat } from '../../../js/src/index.js';
import { jobs } from '../files/job-store.js';
import { client } from '../gateway.js';
import { saveFile } from '../shell/save-file.js';
import { readEdits } from './edits.js';
import { writeEdited } from './write-edited.js';

/** Saves a job's text: as the gateway writes it, or as it was edited here. What goes wrong is told by the page. */
export async function exportTranscript({ id, name }: Job, format: JobFormat): Promise<void> {
  try {
    saveFile(name.replace(/\.[^.]*$/, ''), format, await textOf(id, format));
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    jobs.problem.value = error;
  }
}

async function textOf(id: string, format: JobFormat): Promise<string> {
  const edits = readEdits(id);
  if (edits.size === 0) return client.jobs.result(id, format);
  return writeEdited(await client.jobs.transcript(id), edits, format);
}
