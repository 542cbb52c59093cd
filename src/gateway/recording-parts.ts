import type { Config } from '../config/index.js';
import type { VoiceActivityProcess } from '../engine/index.js';
import type { RecordingDefaults, RecordingDependencies } from '../recording/index.js';
import type { OpenModels } from './open-models.js';
import type { OpenScheduler } from './open-scheduler.js';

/** What recordings are transcribed with: who hears speech, who decodes it, and how. */
export function recordingParts(
  config: Config,
  voiceActivity: VoiceActivityProcess,
  { models }: OpenModels,
  { scheduler, submit }: OpenScheduler,
): { dependencies: RecordingDependencies; defaults: RecordingDefaults } {
  const { speechThreshold, maxWindowMs, chineseScript } = config;
  return {
    dependencies: {
      createVoiceActivity: voiceActivity.create,
      leaseModel: models.lease.bind(models),
      submit: (window, signal) => submit({ window, signal }),
      slots: () => scheduler.concurrency,
    },
    defaults: { speechThreshold, maxWindowMs, chineseScript, hotwords: [] },
  };
}
