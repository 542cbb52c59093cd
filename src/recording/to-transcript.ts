import { GatewayError } from '../errors/index.js';
import { type Transcript, type TranscriptSegment, toSegments } from '../transcript/index.js';
import type { FinishedWindow, RecordingEvent } from './events.js';

/** What language and task were asked for. */
interface Asked {
  readonly language: string;
  readonly task: 'transcribe' | 'translate';
}

/** A recording's text, once its transcription has ended. @param onEvent Hears of each event before. */
export async function collectTranscript(
  events: AsyncIterable<RecordingEvent>,
  asked: Asked,
  onEvent?: (event: RecordingEvent) => void,
): Promise<Transcript> {
  const windows: FinishedWindow[] = [];
  for await (const event of events) {
    if (event.kind === 'end') return toTranscript(windows, asked, event.durationMs);
    onEvent?.(event);
    if (event.kind === 'window') windows.push(event);
  }
  // A transcription always says its end.
  throw new GatewayError('internal_error');
}

/**
 * A recording's text from all of its windows, in the order in which they came.
 * @param durationMs Of the recording, from its `end` event.
 */
export function toTranscript(
  windows: readonly FinishedWindow[],
  asked: Asked,
  durationMs: number,
): Transcript {
  const channels = [...new Set(windows.map(({ channel }) => channel))];
  const segments = channels
    .flatMap((channel) =>
      toSegments(
        windows.filter((window) => window.channel === channel),
        channel,
      ),
    )
    .sort((a, b) => a.startMs - b.startMs);
  const language = asked.language === 'auto' ? mostSpoken(segments) : asked.language;
  return { task: asked.task, language, durationMs, segments };
}

function mostSpoken(segments: readonly TranscriptSegment[]): string | null {
  const spoken = new Map<string, number>();
  for (const { language, startMs, endMs } of segments) {
    spoken.set(language, (spoken.get(language) ?? 0) + endMs - startMs);
  }
  return [...spoken].sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}
