/** A colour of the address as CSS has it: `ffcc00` as `#ffcc00`, names as they are. */
export function cssColour(colour: string): string {
  return /^[0-9a-f]{3,8}$/.test(colour) ? `#${colour}` : colour;
}
