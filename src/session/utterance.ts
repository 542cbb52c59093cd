import type { UtteranceWindow } from '../audio/index.js';
import type { DecodedWindow } from '../decoding/index.js';
import type { GatewayError } from '../errors/index.js';
import { type PostProcessor, type TextState, UtteranceText } from '../post-processing/index.js';
import { type AgreementState, type Shown, UtteranceTranscript } from '../transcript/index.js';

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
  /** Its first sample. */
  readonly from: number;
  /** Where its final window ends; null while it goes on. */
  end: number | null;
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
  /** The newest partial, while the final of the utterance before is not sent. */
  early: { readonly window: UtteranceWindow; readonly decoded: DecodedWindow } | undefined;
}

/** What another gateway needs to finish an utterance. Positions are samples. */
export interface UtteranceState
  extends Pick<Utterance, 'number' | 'from' | 'end' | 'start' | 'shownEnd'> {
  readonly transcript: AgreementState;
  readonly text: TextState;
}

export function openUtterance(
  { utterance: number, start }: Pick<UtteranceWindow, 'utterance' | 'start'>,
  postProcessor: PostProcessor,
): Utterance {
  return {
    number,
    from: start,
    end: null,
    transcript: new UtteranceTranscript(),
    text: new UtteranceText(postProcessor),
    partials: new AbortController(),
    start,
    shownEnd: 0,
    shown: { words: [], committed: 0 },
    measuredWords: 0,
    speculation: undefined,
    early: undefined,
  };
}

export function utteranceState(utterance: Utterance): UtteranceState {
  const { number, from, end, start, shownEnd, transcript, text } = utterance;
  return { number, from, end, start, shownEnd, transcript: transcript.state, text: text.state };
}

/** An utterance that another gateway began: its committed words stay as they are. */
export function restoredUtterance(
  { number, from, start, shownEnd, ...state }: UtteranceState,
  postProcessor: PostProcessor,
): Utterance {
  const transcript = new UtteranceTranscript(state.transcript);
  const words = transcript.committedWords;
  const text = new UtteranceText(postProcessor);
  text.goOn(state.text, words);
  return {
    ...openUtterance({ utterance: number, start: from }, postProcessor),
    transcript,
    text,
    start,
    shownEnd,
    shown: { words, committed: words.length },
    measuredWords: words.length,
  };
}
