import { type Transcript, type TranscriptSegment, toSegments } from '../transcript/index.js';
import type { FinishedWindow } from './events.js';

/**
 * A recording's text from all of its windows, in the order in which they came.
 * @param asked What language and task were asked for.
 * @param durationMs Of the recording, from its `end` event.
 */
export function toTranscript(
  windows: readonly FinishedWindow[],
  asked: { readonly language: string; readonly task: 'transcribe' | 'translate' },
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
