export { findInCatalog, memoryOf, modelCatalog } from './catalog.js';
export type { CatalogFile, CatalogModel, ModelKind } from './catalog-model.js';
export {
  embeddedModel,
  embeddedVoiceActivityModel,
  type KnownModel,
  knownModels,
} from './embedded.js';
export { MemoryBudget, type MemoryHolder } from './manager/memory-budget.js';
export { ModelEngine } from './manager/model-engine.js';
export type { LeaseModel, ModelLease, ModelStatus, Switched } from './manager/model-lease.js';
export { defaultAlias, ModelManager } from './manager/model-manager.js';
export type { ModelManagerHooks, ModelManagerOptions } from './manager/model-manager-options.js';
export type {
  AvailableModel,
  ModelSource,
  OpenModel,
  PreparedModel,
} from './manager/model-source.js';
export { memoryOfFile } from './model-memory.js';
export { modelNotFound } from './model-not-found.js';
export { resolveModel } from './resolve-model.js';
export { availableModels } from './store/available-models.js';
export { type Check, checkModel } from './store/check-model.js';
export { describeBytes } from './store/describe-bytes.js';
export { embeddedPath, embeddedProblem } from './store/embedded-file.js';
export { freeBytes } from './store/free-space.js';
export { importModel } from './store/import-model.js';
export { type ListedModel, listFurtherModels, listModels } from './store/list-models.js';
export { type PullEvent, type PullOptions, pullModel } from './store/pull.js';
export { removeModel } from './store/remove-model.js';
export { restoreEmbedded } from './store/restore-embedded.js';
export { type VerifiedModel, verifyModels } from './store/verify-models.js';
export { copyWithMetadata } from './voices/onnx-file.js';
export {
  listVoiceFolders,
  openVoiceFolder,
  type PiperConfig,
  type VoiceFolder,
} from './voices/voice-folder.js';
export { voiceMemoryOf } from './voices/voice-memory.js';
export { voicesDirOf } from './voices/voices-folder.js';
