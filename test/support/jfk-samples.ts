import { jfkAs } from './jfk.js';

/** The clip as 16 kHz mono s16 samples. */
export const jfkSamples = new Int16Array(new Uint8Array(await jfkAs()).buffer);
