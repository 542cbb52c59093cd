import type { Chunker, ChunkerEvent } from '../../audio/index.js';
import type { PlacedAudio } from '../audio-intake.js';
import type { TranscriberState } from './checkpoint.js';

/** What of kept audio is known to the chunker's end already, and what is yet to be cut. */
interface Replay {
  /** Silences and final windows, as they were cut before. */
  readonly events: readonly ChunkerEvent[];
  /** Audio that goes through the chunker again. */
  readonly rest: readonly PlacedAudio[];
}

/**
 * Prepares a chunker to go on where another one left off. Utterances that had ended are cut where they were,
 * and one that goes on has its number and its first sample: words of theirs that were shown stay theirs.
 * @param safe Sample from which audio was kept.
 */
export function replayKept(
  chunker: Chunker,
  safe: number,
  { utterances, newest }: TranscriberState,
  audio: readonly PlacedAudio[],
): Replay {
  const [first, ...later] = audio;
  const kept = first?.start === safe ? first.samples : new Int16Array(0);
  const between = (start: number, end: number) => kept.slice(start - safe, end - safe);
  const events: ChunkerEvent[] = [];
  let at = safe;
  const passTo = (start: number) => {
    if (start > at) events.push({ kind: 'silence', start: at, end: start });
    at = start;
  };
  const keptEnd = safe + kept.length;
  let next = newest + 1;
  let speaking = false;
  for (const { number, from, end } of utterances) {
    next = number;
    // Where even its beginning is missing it is heard once more when that is sent again.
    if (from > keptEnd) break;
    passTo(from);
    speaking = end === null || end > keptEnd;
    if (end === null || speaking) break;
    const window = { utterance: number, start: from, end, pcm: between(from, end) };
    events.push({ kind: 'final', window, cause: 'end' });
    at = end;
    next = newest + 1;
  }
  chunker.goOn(at, next, speaking);
  const rest = { start: at, samples: kept.slice(at - safe) };
  return { events, rest: first?.start === safe ? [rest, ...later] : audio };
}
