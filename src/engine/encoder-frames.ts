import { sampleRate } from '../audio/index.js';

/** Samples behind one frame of the encoder: 20 ms. */
export const encoderFrameSamples = sampleRate / 50;

/** Frames of the encoder's full context: 30 s. */
export const fullContextFrames = 1_500;
