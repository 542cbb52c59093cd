import { type FileTranscript, formatCaptions, type JobFormat } from '../../../js/src/index.js';
import type { Edits } from './edits.js';
import { retimed } from './retime.js';
import { type Sentence, sentencesOf } from './sentences.js';

/** A transcript with edits, in the shape in which the gateway writes one without. */
export function writeEdited(transcript: FileTranscript, edits: Edits, format: JobFormat): string {
  const sentences = editedSentences(sentencesOf(transcript), edits);
  if (format === 'json') return `${JSON.stringify(editedJson(transcript, sentences), null, 2)}\n`;
  const captions = sentences.filter(hasText).map(({ startMs, endMs, text, words, channel }) => ({
    start_ms: startMs,
    end_ms: endMs,
    // The name of a channel is that of the gateway's own files.
    text: channel === null ? text : `[Channel ${channel}] ${text}`,
    words: words.map((word) => ({
      word: text.slice(word.at, word.end),
      start_ms: word.startMs,
      end_ms: word.endMs,
    })),
  }));
  return formatCaptions(captions, format);
}

export function editedSentences(sentences: readonly Sentence[], edits: Edits): Sentence[] {
  return sentences.map((sentence, index) => retimed(sentence, edits.get(index) ?? sentence.text));
}

function editedJson(transcript: FileTranscript, sentences: readonly Sentence[]) {
  const channelOf = ({ channel }: Sentence) => (channel === null ? {} : { channel });
  return {
    ...transcript,
    text: sentences.filter(hasText).reduce((all, { text }) => joined(all, text), ''),
    segments: transcript.segments
      .map((segment, index) => ({ ...segment, text: sentences[index]?.text ?? '' }))
      .filter(hasText),
    words: sentences.flatMap((sentence) =>
      sentence.words.map(({ at, end, startMs, endMs }) => ({
        word: sentence.text.slice(at, end),
        start: Math.round(startMs) / 1_000,
        end: Math.round(endMs) / 1_000,
        ...channelOf(sentence),
      })),
    ),
  };
}

/** Chinese and Japanese are written without spaces. */
function joined(before: string, after: string): string {
  const needsNone = before === '' || /[\u3000-\u9fff\uff00-\uffef]$/.test(before);
  return before + (needsNone ? '' : ' ') + after;
}

function hasText({ text }: { readonly text: string }): boolean {
  return text !== '';
}
