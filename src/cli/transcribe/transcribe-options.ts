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
}
