export {
  embeddedModel,
  embeddedVoiceActivityModel,
  type KnownModel,
  knownModels,
} from './embedded.js';
export { resolveModel } from './store.js';
