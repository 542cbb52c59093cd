import type { Transcript } from '../transcript.js';
import { channelName } from './channel-name.js';
import { clockTime } from './clock-time.js';
import { type Cue, toCues } from './cues.js';
import { oneLine } from './one-line.js';

/** A cue, and who speaks in it. */
export interface VoicedCue extends Pick<Cue, 'startMs' | 'endMs' | 'lines'> {
  readonly voice: string | null;
}

/** WebVTT (W3C, 2019). A channel is the voice of its cues. */
export function toVtt({ segments }: Transcript): string {
  return writeVtt(
    toCues(segments).map(({ channel, ...cue }) => ({
      ...cue,
      voice: channel === null ? null : channelName(channel),
    })),
  );
}

/** The whole file, in the order of the cues. */
export function writeVtt(cues: readonly VoicedCue[]): string {
  return ['WEBVTT\n', ...cues.map((cue) => `${timesOf(cue)}\n${textOf(cue)}\n`)].join('\n');
}

function timesOf({ startMs, endMs }: VoicedCue): string {
  return `${clockTime(startMs, '.')} --> ${clockTime(endMs, '.')}`;
}

function textOf({ lines, voice }: VoicedCue): string {
  const text = lines.map(escaped).join('\n');
  return voice === null ? text : `<v ${escaped(voice)}>${text}</v>`;
}

/** Nothing in a text is a tag, an entity or an arrow. */
function escaped(line: string): string {
  return oneLine(line).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
