import type { UtteranceWindow } from '../audio/index.js';
import type { DecodedWindow } from '../decoding/index.js';
import type { GatewayError } from '../errors/index.js';
import { type PostProcessor, UtteranceText } from '../post-processing/index.js';
import { type Shown, UtteranceTranscript } from '../transcript/index.js';

/** What became of a window. */
export type Outcome = { readonly decoded: DecodedWindow } | { readonly error: GatewayError };

/** A window that will be the final one, should nothing more be said. */
interface Speculation {
  readonly end: number;
  readonly outcome: Promise<Outcome>;
  /** Whether it was given a slot; one that still waits is better asked for as a final. */
  readonly hasStarted: () => boolean;
}

/** An utterance between its first partial and its final. */
export interface Utterance {
  readonly number: number;
  readonly transcript: UtteranceTranscript;
  /** What of it is shown. */
  readonly text: UtteranceText;
  /** Ends the partial windows that are still on their way. */
  readonly partials: AbortController;
  /** Where its windows begin: everything before this sample is committed. */
  start: number;
  /** End of the newest window that was shown; an older answer is not shown after it. */
  shownEnd: number;
  /** What was shown last, as it was heard. */
  shown: Shown;
  measuredWords: number;
  speculation: Speculation | undefined;
}

export function openUtterance(
  { utterance: number, start }: UtteranceWindow,
  postProcessor: PostProcessor,
): Utterance {
  return {
    number,
    transcript: new UtteranceTranscript(),
    text: new UtteranceText(postProcessor),
    partials: new AbortController(),
    start,
    shownEnd: 0,
    shown: { words: [], committed: 0 },
    measuredWords: 0,
    speculation: undefined,
  };
}
