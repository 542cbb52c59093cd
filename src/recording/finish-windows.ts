import { samplesToMs } from '../audio/index.js';
import { stitchWords, type TimedWord } from '../transcript/index.js';
import type { FinishedWindow, Overlap, RecordingEvent } from './events.js';
import type { Silence } from './read-windows.js';
import type { HeardWindow } from './recording-decoder.js';

/** Words that end shortly before an overlap belong to it as well: their times are rough. */
const nearMs = 1_000;

interface FinishOptions {
  readonly channel: number | null;
  /** What the window before the first one ended with. */
  readonly overlap: Overlap | null;
  /** The recording's language as it is known now. */
  readonly language: () => string | null;
}

/**
 * Turns results, which come in order, into events. A window that the next one overlaps is finished only when
 * that one is there, too: the two decide together what was said at the seam.
 */
export async function* finishWindows(
  results: AsyncIterable<HeardWindow | Silence>,
  { channel, overlap, language }: FinishOptions,
): AsyncGenerator<RecordingEvent> {
  let unfinished: FinishedWindow | null = null;
  let repeated = overlap;
  for await (const result of results) {
    if ('silentUntil' in result) {
      yield { kind: 'silence', channel, endMs: samplesToMs(result.silentUntil) };
      continue;
    }
    let window = finished(result, channel, language());
    if (repeated) {
      const seam = stitch(unfinished?.words ?? repeated.words, window, repeated.endMs);
      if (unfinished) yield { ...unfinished, words: seam.before, endMs: seam.atMs };
      window = { ...window, words: seam.after, startMs: seam.atMs };
    }
    repeated = window.checkpoint.overlap;
    unfinished = repeated ? window : null;
    if (!unfinished) yield window;
  }
  if (unfinished) yield unfinished;
}

function finished(
  { window, decoded }: HeardWindow,
  channel: number | null,
  language: string | null,
): FinishedWindow {
  const { at, speaking } = window.next;
  const endMs = samplesToMs(window.end);
  const near = samplesToMs(at) - nearMs;
  const overlap = { endMs, words: decoded.words.filter((word) => word.endMs >= near) };
  return {
    kind: 'window',
    channel,
    startMs: decoded.startMs,
    endMs,
    words: decoded.words,
    language: decoded.language,
    noSpeechProbability: decoded.noSpeechProbability,
    rung: decoded.rung,
    checkpoint: { channel, at, overlap: speaking ? overlap : null, language },
  };
}

/** Where one window ends and the next one begins, inside of what they have in common. */
function stitch(before: readonly TimedWord[], { startMs, words }: FinishedWindow, endMs: number) {
  const stitched = stitchWords(before, words, { startMs, endMs });
  const lastMs = stitched.before.at(-1)?.endMs ?? (startMs + endMs) / 2;
  return { ...stitched, atMs: Math.min(endMs, Math.max(startMs, Math.round(lastMs))) };
}
