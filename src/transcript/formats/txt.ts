import type { Transcript } from '../transcript.js';
import { channelName } from './channel-name.js';
import { oneLine } from './one-line.js';

/** Plain text, a sentence a line. */
export function toTxt({ segments }: Transcript): string {
  return segments
    .map(({ text, channel }) => {
      const speaker = channel === null ? '' : `[${channelName(channel)}] `;
      return `${speaker}${oneLine(text)}\n`;
    })
    .join('');
}
