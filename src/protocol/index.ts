export {
  audioFormatSchema,
  type ClientMessage,
  type ClientMessageType,
  type Configure,
  clientMessageSchema,
  clientMessageTypes,
  type Resume,
  type StartTranscription,
} from './client-messages.js';
export { closeCodes } from './close-codes.js';
export { failedEvent } from './failed-event.js';
export { type ParsedMessage, parseClientMessage } from './parse-client-message.js';
export {
  type PostProcessingRequest,
  type PostProcessingRules,
  postProcessingRulesSchema,
  postProcessingSchema,
} from './post-processing.js';
export type { RoomEvent, RoomSession, RoomSnapshot } from './room-events.js';
export { roomNameSchema } from './room-name.js';
export { roomScopes, type Scope, scopes, tokenScopes } from './scopes.js';
export {
  type FinalWord,
  type Ledger,
  ledgerSchema,
  type ServerEvent,
  type ServerEventType,
  type SessionEvent,
  serverEventSchema,
} from './server-events.js';
