import { join } from 'node:path';
import { packageRoot } from '../config/index.js';
import { EspeakEngine } from './espeak/espeak-engine.js';
import type { SpeechEngines } from './speech-service.js';

/** The embedded voice. */
export function createSpeechEngines(): SpeechEngines {
  const espeak = new EspeakEngine(join(packageRoot, 'dist/speech/espeak/espeak-main.js'));
  return {
    list: async () => [espeak],
    find: async (model) => (model === espeak.model ? espeak : null),
    close: () => espeak.close(),
  };
}
