import {
  type PostProcessingOptions,
  readPostProcessing,
} from '../post-processing/read-post-processing.js';

/** What is asked for with every file. */
export interface JobFieldOptions extends PostProcessingOptions {
  readonly language: string;
  readonly model?: string;
  readonly task: 'transcribe' | 'translate';
  readonly prompt: string;
  readonly channels: 'mixed' | 'split';
}

/**
 * The fields of every form. What nobody asked for is left out, so that a file's job is found again whichever
 * version of this command has made it.
 * @throws CommandError where the options cannot be used.
 */
export async function jobFields(
  options: JobFieldOptions,
): Promise<Readonly<Record<string, string>>> {
  const { language, task, model, prompt, channels } = options;
  const postProcessing = await readPostProcessing(options);
  const asked = Object.keys(postProcessing).length > 0;
  return {
    language,
    task,
    ...(model !== undefined && { model }),
    ...(prompt !== '' && { prompt }),
    ...(channels !== 'mixed' && { channels }),
    ...(asked && { post_processing: JSON.stringify(postProcessing) }),
  };
}
