import { formatCaptions } from '../../../js/src/index.js';
import type { Presence } from '../roster.js';
import { type Line, type LostAudio, overlapsOf } from './meeting-transcript.js';

export const transcriptFormats = ['json', 'vtt', 'txt'] as const;
export type TranscriptFormat = (typeof transcriptFormats)[number];

/** A meeting as it is written down. Times count from `startedAt`, in epoch ms. */
export interface MeetingRecord {
  readonly meeting: string;
  readonly startedAt: number;
  /** Length so far. */
  readonly durationMs: number;
  readonly presences: ReadonlyMap<string, readonly Presence[]>;
  readonly lines: readonly Line[];
  readonly lost: readonly LostAudio[];
}

export function formatTranscript(record: MeetingRecord, format: TranscriptFormat): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(toJson(record), null, 2)}\n`;
    case 'vtt':
      return formatCaptions(record.lines, 'vtt');
    case 'txt':
      return toText(record);
  }
}

function toJson({ meeting, startedAt, durationMs, presences, lines, lost }: MeetingRecord) {
  const overlaps = overlapsOf(lines);
  return {
    meeting,
    started_at: new Date(startedAt).toISOString(),
    duration_ms: Math.round(durationMs),
    participants: [...presences].map(([name, times]) => ({
      name,
      present: times.map(({ fromMs, toMs }) => ({
        start_ms: Math.round(fromMs),
        end_ms: Math.round(toMs ?? durationMs),
      })),
    })),
    lines: lines.map((line, index) => ({ ...line, overlaps: overlaps[index] ?? [] })),
    lost,
  };
}

/** For reading: when, who, what; and with whom somebody talks at once. */
function toText({ meeting, startedAt, lines }: MeetingRecord): string {
  const overlaps = overlapsOf(lines);
  const said = lines.map(({ start_ms, end_ms, speaker, text }, index) => {
    const others = overlaps[index] ?? [];
    const over = others.length > 0 ? ` (at the same time as ${others.join(', ')})` : '';
    return `[${clock(start_ms)} – ${clock(end_ms)}] ${speaker}${over}: ${text}\n`;
  });
  const head = `${meeting}\n${new Date(startedAt).toISOString().slice(0, 19).replace('T', ' ')} UTC\n`;
  return `${head}\n${said.join('')}`;
}

function clock(ms: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const seconds = ms / 1_000;
  return `${two(seconds / 3_600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
}
