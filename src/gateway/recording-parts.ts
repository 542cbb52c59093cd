import type { Config } from '../config/index.js';
import type { VoiceActivityProcess } from '../engine/index.js';
import type { RecordingDefaults, RecordingDependencies } from '../recording/index.js';
import type { Tracing } from '../telemetry/index.js';
import type { OpenModels } from './open-models.js';
import type { OpenScheduler } from './open-scheduler.js';

/** What recordings are transcribed with: who hears speech, who decodes it, and how. */
export function recordingParts(
  config: Config,
  voiceActivity: VoiceActivityProcess,
  { models }: OpenModels,
  { scheduler, submit }: OpenScheduler,
  tracing: Tracing | null = null,
): { dependencies: RecordingDependencies; defaults: RecordingDefaults } {
  const { speechThreshold, maxWindowMs, chineseScript } = config;
  return {
    dependencies: {
      createVoiceActivity: voiceActivity.create,
      leaseModel: models.lease.bind(models),
      submit: (window, signal) => submit({ window, signal }),
      slots: () => scheduler.concurrency,
      ...(tracing && { follow: (id: string) => tracing.begin('file', id) }),
    },
    defaults: { speechThreshold, maxWindowMs, chineseScript, hotwords: [] },
  };
}
