export { checkWindow } from './check-window.js';
export { encoderFrameSamples, fullContextFrames } from './encoder-frames.js';
export type {
  AudioWindow,
  CompressedTail,
  DecodeOptions,
  Engine,
  EngineInfo,
  Hypothesis,
  Lane,
  Segment,
  Word,
  WorkerGpu,
} from './engine.js';
export type { AddonReport } from './examine-addon.js';
export { fromFailure, toFailure } from './failure.js';
export { firstAvailable } from './first-available.js';
export type { Failure, LogLevel, OnLog } from './messages.js';
export type { NativeDevice } from './native-binding.js';
export { type DevicePlan, type DeviceWishes, planDevices } from './plan-devices.js';
export type { PoolDevice, PoolModel, WorkerPoolHooks, WorkerPoolOptions } from './pool-options.js';
export {
  type AddonFailure,
  type AddonProbe,
  type AddonProblem,
  probeAddon,
} from './probe-addon.js';
export { type Script, ScriptedEngine, type ScriptedEngineOptions } from './scripted-engine.js';
export { type Service, serveParent } from './serve-parent.js';
export { type SpokenOptions, type SpokenWord, spoken, spokenThrough } from './spoken.js';
export { SupervisedProcess } from './supervised-process.js';
export {
  createVoiceActivityProcess,
  type VoiceActivityProcess,
  type VoiceActivityProcessOptions,
} from './voice-activity-process.js';
export { createWorkerPool, type WorkerPool } from './worker-pool.js';
