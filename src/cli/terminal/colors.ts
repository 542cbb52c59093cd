import type { WriteStream } from 'node:tty';
import pc from 'picocolors';

export type Colors = ReturnType<typeof pc.createColors>;

/** Colours for what goes to a terminal; elsewhere, and under `NO_COLOR`, text stays as it is. */
export function colorsFor(stream: Pick<WriteStream, 'isTTY'>): Colors {
  return pc.createColors(stream.isTTY === true && pc.isColorSupported);
}
