import type { ProcessSegment } from '../../post-processing/index.js';
import type { FinishedWindow, RecordingEvent } from '../../recording/index.js';
import {
  type HeardWords,
  joinWords,
  type TimedWord,
  type TranscriptSegment,
  toSegments,
} from '../../transcript/index.js';
import { openAiError } from '../openai-error.js';
import { serverSentEvent } from '../server-sent-event.js';
import { textTokens } from '../text-tokens.js';
import { logprobs } from './answer.js';
import type { TranscriptionForm } from './transcription-form.js';

/** Audio tokens in a second, as OpenAI counts what its transcription models hear. */
const tokensPerSecond = 10;

/**
 * A transcription as server-sent events: `transcript.text.delta` for every window as it is finished,
 * `transcript.text.segment` for every sentence, and `transcript.text.done`. The deltas together are the text.
 * What fails after the first of them is told as an event: the status is sent by then.
 * @param process Post-processes; the deltas are whole sentences then. Null leaves the text as it was heard.
 * @throws What fails before.
 */
export async function* transcriptionEvents(
  events: AsyncIterable<RecordingEvent>,
  form: TranscriptionForm,
  process: ProcessSegment | null,
): AsyncGenerator<string> {
  const told = new ToldTranscript(form, process);
  let begun = false;
  try {
    for await (const event of events) {
      for (const text of linesOf(event, told)) {
        begun = true;
        yield text;
      }
    }
  } catch (error) {
    if (!begun) throw error;
    yield serverSentEvent(openAiError(error).body);
  }
}

function linesOf(event: RecordingEvent, told: ToldTranscript): string[] {
  switch (event.kind) {
    case 'window':
      return told.window(event).map(serverSentEvent);
    case 'silence':
      // A comment, so that no proxy takes the silence for a dead connection.
      return [': silence\n\n'];
    case 'end':
      return told.end(event.durationMs).map(serverSentEvent);
  }
}

/** What a client was told so far, and what that leaves to tell. Pure. */
class ToldTranscript {
  readonly #form: TranscriptionForm;
  readonly #process: ProcessSegment | null;
  readonly #words: TimedWord[] = [];
  #segments = 0;
  /** Words of a sentence whose end was not heard yet, and whose channel. */
  #open: HeardWords | null = null;
  #channel: number | null = null;

  constructor(form: TranscriptionForm, process: ProcessSegment | null) {
    this.#form = form;
    this.#process = process;
  }

  window(window: FinishedWindow): object[] {
    const { words, channel } = window;
    const ended = channel === this.#channel ? [] : this.#closeSegments();
    this.#channel = channel;
    if (words.length === 0) return ended;
    const segments = toSegments([...(this.#open ? [this.#open] : []), window], channel);
    // Only the last one can still go on.
    this.#open = segments.pop() ?? null;
    return [...ended, ...this.#tell(segments, words)];
  }

  end(durationMs: number): object[] {
    const closed = this.#closeSegments();
    const text = joinWords(this.#words);
    const audio = Math.ceil((durationMs / 1_000) * tokensPerSecond);
    const output = textTokens(text);
    const done = {
      type: 'transcript.text.done',
      text,
      ...(this.#form.include.length > 0 && { logprobs: logprobs(this.#words, true) }),
      usage: {
        type: 'tokens',
        input_tokens: audio,
        input_token_details: { audio_tokens: audio, text_tokens: 0 },
        output_tokens: output,
        total_tokens: audio + output,
      },
    };
    return [...closed, done];
  }

  #closeSegments(): object[] {
    const segments = this.#open ? toSegments([this.#open], this.#channel) : [];
    this.#open = null;
    return this.#tell(segments, []);
  }

  /** @param heard Words that were not told yet, where they are told as they were heard. */
  #tell(segments: readonly TranscriptSegment[], heard: readonly TimedWord[]): object[] {
    const process = this.#process;
    if (!process) return [...this.#delta(heard), ...segments.map((it) => this.#segment(it))];
    const shown = segments.map(process).filter((segment) => segment !== null);
    const words = shown.flatMap((segment) => segment.words);
    return [...this.#delta(words), ...shown.map((segment) => this.#segment(segment))];
  }

  #delta(words: readonly TimedWord[]): object[] {
    if (words.length === 0) return [];
    const isFirst = this.#words.length === 0;
    this.#words.push(...words);
    const space = !isFirst && words[0]?.spaceBefore ? ' ' : '';
    const delta = {
      type: 'transcript.text.delta',
      delta: space + joinWords(words),
      ...(this.#form.include.length > 0 && { logprobs: logprobs(words, isFirst) }),
    };
    return [delta];
  }

  #segment({ startMs, endMs, text, words, channel }: TranscriptSegment): object {
    return {
      type: 'transcript.text.segment',
      id: `seg_${this.#segments++}`,
      start: seconds(startMs),
      end: seconds(endMs),
      text,
      speaker: speaker(channel),
      ...(this.#form.timestamp_granularities.includes('word') && {
        words: words.map((word) => ({
          word: word.word,
          start: seconds(word.startMs),
          end: seconds(word.endMs),
        })),
      }),
    };
  }
}

/** Channels as OpenAI names speakers: A, B … */
function speaker(channel: number | null): string {
  return String.fromCharCode('A'.charCodeAt(0) + ((channel ?? 0) % 26));
}

function seconds(ms: number): number {
  return Math.round(ms) / 1_000;
}
