/** Names of voices that clients of OpenAI's API send. */
export const openAiVoices = [
  'alloy',
  'ash',
  'ballad',
  'cedar',
  'coral',
  'echo',
  'fable',
  'marin',
  'nova',
  'onyx',
  'sage',
  'shimmer',
  'verse',
] as const;

/** The shortest of OpenAI's names for whatever speaks by default. */
export const defaultSpeechAlias = 'tts-1';

/** Whether a model is one of OpenAI's, such as `tts-1`, `tts-1-hd` or `gpt-4o-mini-tts`. */
export function isOpenAiModel(model: string): boolean {
  return /^(tts-1(-hd)?|gpt-[a-z0-9.-]+-tts)(-[0-9-]+)?$/.test(model);
}
