import type { TranscriptSegment } from './segments.js';
import { joinWords } from './words.js';

/** A whole recording's text. */
export interface Transcript {
  readonly task: 'transcribe' | 'translate';
  /** ISO 639-1 code of what was spoken; null where nobody spoke. */
  readonly language: string | null;
  readonly durationMs: number;
  /** In the order of their beginnings. */
  readonly segments: readonly TranscriptSegment[];
}

/** The text alone, in one line. */
export function transcriptText({ segments }: Transcript): string {
  return joinWords(segments.flatMap(({ words }) => words));
}
