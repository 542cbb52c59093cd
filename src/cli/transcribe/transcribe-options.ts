/** What the command line asks for. */
export interface TranscribeOptions {
  readonly format: string;
  readonly outputDir?: string;
  readonly language: string;
  readonly model?: string;
  readonly task: 'transcribe' | 'translate';
  readonly prompt: string;
  readonly words?: boolean;
  readonly channels: 'mixed' | 'split';
  /** Each as `FROM=TO`. */
  readonly replace?: readonly string[];
  /** Path of a file with a word or phrase a line. */
  readonly mask?: string;
  readonly formatting?: string;
  readonly profile?: string;
}
