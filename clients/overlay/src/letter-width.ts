import { fontFamily } from './caption-view.js';
import type { OverlayOptions } from './overlay-parameters.js';
import { textWidth } from './text-width.js';

/** Width that a line has for each of its characters, in em; `overlay.css` makes lines so wide. */
const emPerCharacter = 0.6;
/** Pixels of the letters that are measured. */
const measuredPx = 100;

/**
 * Measures in characters, as wide as they are counted or as wide as the font has them: a line of capitals
 * would not fit where a line of text does.
 */
export function letterWidth({ font, weight }: OverlayOptions): (text: string) => number {
  const context = document.createElement('canvas').getContext('2d');
  if (!context) return textWidth;
  context.font = `${weight} ${measuredPx}px ${fontFamily(font)}`;
  return (text) =>
    Math.max(textWidth(text), context.measureText(text).width / measuredPx / emPerCharacter);
}
