import type { PostProcessingOptions } from '../post-processing/read-post-processing.js';

/** What the command line asks for. */
export interface TranscribeOptions extends PostProcessingOptions {
  readonly format: string;
  readonly outputDir?: string;
  readonly language: string;
  readonly model?: string;
  readonly task: 'transcribe' | 'translate';
  readonly prompt: string;
  readonly words?: boolean;
  readonly channels: 'mixed' | 'split';
}
