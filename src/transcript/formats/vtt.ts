import type { Transcript } from '../transcript.js';
import { channelName } from './channel-name.js';
import { clockTime } from './clock-time.js';
import { type Cue, toCues } from './cues.js';
import { oneLine } from './one-line.js';

/** WebVTT (W3C, 2019). A channel is the voice of its cues. */
export function toVtt({ segments }: Transcript): string {
  const cues = toCues(segments).map((cue) => `${timesOf(cue)}\n${textOf(cue)}\n`);
  return ['WEBVTT\n', ...cues].join('\n');
}

function timesOf({ startMs, endMs }: Cue): string {
  return `${clockTime(startMs, '.')} --> ${clockTime(endMs, '.')}`;
}

function textOf({ lines, channel }: Cue): string {
  const text = lines.map(escaped).join('\n');
  return channel === null ? text : `<v ${channelName(channel)}>${text}</v>`;
}

/** Nothing in a text is a tag, an entity or an arrow. */
function escaped(line: string): string {
  return oneLine(line).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
