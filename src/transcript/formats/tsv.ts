import type { Transcript } from '../transcript.js';
import { oneLine } from './one-line.js';

/** Tab-separated segments with whole milliseconds, as OpenAI's whisper writes them; channels as a last column. */
export function toTsv({ segments }: Transcript): string {
  const channels = segments.some(({ channel }) => channel !== null);
  const header = ['start', 'end', 'text', ...(channels ? ['channel'] : [])];
  const rows = segments.map(({ startMs, endMs, text, channel }) => [
    Math.round(startMs),
    Math.round(endMs),
    oneLine(text),
    ...(channels ? [(channel ?? 0) + 1] : []),
  ]);
  return [header, ...rows].map((cells) => `${cells.join('\t')}\n`).join('');
}
