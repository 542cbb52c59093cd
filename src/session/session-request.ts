import type { AudioFormat } from '../audio/index.js';
import type { Configure, StartTranscription } from '../protocol/index.js';
import type { ChineseScript } from '../transcript/index.js';
import type { TranscriberSettings } from './transcriber.js';

/** How the client says that its audio is encoded. */
export function audioFormat({ audio }: StartTranscription): AudioFormat {
  return { format: audio.format, sampleRate: audio.sample_rate, channels: audio.channels };
}

/** What the client asks of the transcript. */
export function settingsOf(
  request: StartTranscription,
  chineseScript: ChineseScript,
): Omit<TranscriberSettings, 'postProcessor'> {
  return {
    language: request.language,
    task: request.task,
    prompt: request.prompt,
    hotwords: request.hotwords,
    chineseScript: request.chinese_script ?? chineseScript,
    interimResults: request.interim_results,
    wordTimestamps: request.word_timestamps,
    stableFinals: request.stable_finals,
  };
}

/** What of that a client changes while it speaks. */
export function changedSettings(change: Configure): Partial<TranscriberSettings> {
  return {
    ...(change.language !== undefined && { language: change.language }),
    ...(change.prompt !== undefined && { prompt: change.prompt }),
    ...(change.hotwords !== undefined && { hotwords: change.hotwords }),
    ...(change.interim_results !== undefined && { interimResults: change.interim_results }),
  };
}

/** The request as if it had been made with what was changed since. */
export function changedRequest(
  request: StartTranscription,
  { type: _, ...change }: Configure,
): StartTranscription {
  const said = Object.entries(change).filter(([, value]) => value !== undefined);
  return { ...request, ...Object.fromEntries(said) };
}
