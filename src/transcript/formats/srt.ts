import type { Transcript } from '../transcript.js';
import { channelName } from './channel-name.js';
import { clockTime } from './clock-time.js';
import { type Cue, toCues } from './cues.js';
import { oneLine } from './one-line.js';

/** SubRip. It has no way to escape anything, so what a parser would take for a time line is written otherwise. */
export function toSrt({ segments }: Transcript): string {
  return toCues(segments)
    .map((cue, index) => `${index + 1}\n${timesOf(cue)}\n${textOf(cue)}\n\n`)
    .join('');
}

function timesOf({ startMs, endMs }: Cue): string {
  return `${clockTime(startMs, ',')} --> ${clockTime(endMs, ',')}`;
}

function textOf({ lines, channel }: Cue): string {
  const speaker = channel === null ? '' : `[${channelName(channel)}] `;
  return speaker + lines.map((line) => oneLine(line).replaceAll('-->', '→')).join('\n');
}
