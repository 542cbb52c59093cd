import { computed, signal } from '@preact/signals';
import { ClientError, type FileTranscript, type Job } from '../../../js/src/index.js';
import { jobs } from '../files/job-store.js';
import { client, keyNeeded } from '../gateway.js';
import { keepEdits, readEdits } from './edits.js';
import { findMatches } from './find-matches.js';
import { createPlayer, type Player } from './player.js';
import { sentenceAt, sentencesOf } from './sentences.js';
import { editedSentences } from './write-edited.js';

/** How far a skip goes. */
const skipMs = 5_000;

export type TranscriptStore = ReturnType<typeof createTranscriptStore>;

/** Everything the page of one transcript knows; changed by its functions only. */
export function createTranscriptStore(id: string) {
  const asked = signal<Job | null>(null);
  /** The job as the list has it: an older one is not in it. */
  const job = computed(() => jobs.all.value.get(id) ?? asked.value);
  const problem = signal<ClientError | null>(null);
  const transcript = signal<FileTranscript | null>(null);
  const player = signal<Player | null>(null);
  const edits = signal(readEdits(id));
  /** Whether this browser keeps them. */
  const kept = signal(true);
  /** Number of the sentence that is being edited. */
  const editing = signal<number | null>(null);
  const query = signal('');
  const shownMatch = signal(0);
  let closed = false;

  const original = computed(() => (transcript.value ? sentencesOf(transcript.value) : []));
  const sentences = computed(() => editedSentences(original.value, edits.value));
  const current = computed(() => sentenceAt(sentences.value, player.value?.timeMs.value ?? 0));
  const matches = computed(() =>
    findMatches(
      sentences.value.map(({ text }) => text),
      query.value,
    ),
  );

  async function load(): Promise<void> {
    if (keyNeeded.value || transcript.value) return;
    try {
      asked.value = await client.jobs.get(id);
      problem.value = null;
      if (asked.value.state !== 'succeeded') return;
      const [text, url] = await Promise.all([client.jobs.transcript(id), client.jobs.audioUrl(id)]);
      if (closed) return;
      transcript.value ??= text;
      player.value ??= createPlayer(url);
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      if (error.code === 'invalid_api_key') keyNeeded.value = true;
      else problem.value = error;
    }
  }

  function edit(index: number, text: string): void {
    const changed = new Map(edits.value);
    const tidy = text.replace(/\s+/g, ' ').trim();
    if (tidy === original.value[index]?.text) changed.delete(index);
    else changed.set(index, tidy);
    edits.value = changed;
    kept.value = keepEdits(id, changed);
  }

  return {
    job,
    problem,
    transcript,
    player,
    edits,
    kept,
    editing,
    query,
    shownMatch,
    original,
    sentences,
    current,
    matches,
    load,
    edit,
    undoEdits(): void {
      edits.value = new Map();
      editing.value = null;
      keepEdits(id, edits.value);
    },
    search(text: string): void {
      query.value = text;
      shownMatch.value = 0;
    },
    /** @param step 1 for the next match, -1 for the one before. */
    showMatch(step: number): void {
      const { length } = matches.value;
      if (length > 0) shownMatch.value = (shownMatch.value + step + length) % length;
    },
    seek(ms: number): void {
      player.value?.seek(ms);
    },
    /** @param step 1 for some seconds forth, -1 for as many back. */
    skip(step: number): void {
      const { value } = player;
      if (value) value.seek(value.timeMs.value + step * skipMs);
    },
    /** To the word after the one that is said, or before it. */
    skipWords(step: number): void {
      const words = sentences.value.flatMap((sentence) => sentence.words);
      const now = player.value?.timeMs.value ?? 0;
      const index = words.findLastIndex(({ startMs }) => startMs <= now + 1);
      const word = words[Math.max(0, Math.min(index + step, words.length - 1))];
      if (word) player.value?.seek(word.startMs);
    },
    close(): void {
      closed = true;
      player.value?.close();
    },
  };
}
