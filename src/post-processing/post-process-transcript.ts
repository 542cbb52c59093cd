import { joinWords, type Transcript, type TranscriptSegment } from '../transcript/index.js';
import type { PostProcessor } from './post-processor.js';
import { sentenceEnd } from './word-parts.js';

/** Post-processes a recording's segments, those of each channel in their order; null where nothing is left. */
export type ProcessSegment = (segment: TranscriptSegment) => TranscriptSegment | null;

/** A pause this long begins a sentence, whatever stands before it; segments are cut at such, too. */
const longPauseMs = 1_500;

/** @param task What is written down of a translation is English, whatever was spoken. */
export function segmentProcessing(
  processor: PostProcessor,
  task: Transcript['task'],
): ProcessSegment {
  const last = new Map<number | null, TranscriptSegment>();
  return (segment) => {
    if (!processor.active) return segment;
    const before = last.get(segment.channel);
    last.set(segment.channel, segment);
    const words = processor.process(segment.words, {
      language: task === 'translate' ? 'en' : segment.language,
      live: false,
      beginsSentence: !before || !goesOn(before, segment),
      hooked: [],
      open: false,
    });
    const [first, end] = [words[0], words.at(-1)];
    if (!first || !end) return null;
    const { startMs } = first;
    return { ...segment, words, text: joinWords(words), startMs, endMs: end.endMs };
  };
}

/** The transcript as it is shown. A phrase is found where it stands within one segment. */
export function postProcessTranscript(
  transcript: Transcript,
  processor: PostProcessor,
): Transcript {
  const process = segmentProcessing(processor, transcript.task);
  const segments = transcript.segments.map(process).filter((segment) => segment !== null);
  return { ...transcript, segments };
}

function goesOn(before: TranscriptSegment, { startMs }: TranscriptSegment): boolean {
  return startMs - before.endMs < longPauseMs && !sentenceEnd.test(before.text);
}
